package eval

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// stringFunc makes a function of strings to a string.
func stringFunc(impl func(args []string) (string, error), names ...string) function.Function {
	spec := &function.Spec{Type: function.StaticReturnType(cty.String)}
	for _, name := range names {
		spec.Params = append(spec.Params, function.Parameter{Name: name, Type: cty.String})
	}
	spec.Impl = func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		texts := make([]string, len(args))
		for i, arg := range args {
			texts[i] = arg.AsString()
		}
		out, err := impl(texts)
		if err != nil {
			return cty.UnknownVal(cty.String), err
		}
		return cty.StringVal(out), nil
	}
	return function.New(spec)
}

func testFunc(test func(s, part string) bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "str", Type: cty.String}, {Name: "part", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(test(args[0].AsString(), args[1].AsString())), nil
		},
	})
}

var (
	startsWithFunc = testFunc(strings.HasPrefix)
	endsWithFunc   = testFunc(strings.HasSuffix)

	base64EncodeFunc = stringFunc(func(a []string) (string, error) {
		return base64.StdEncoding.EncodeToString([]byte(a[0])), nil
	}, "str")
	base64DecodeFunc = stringFunc(func(a []string) (string, error) {
		out, err := base64.StdEncoding.DecodeString(a[0])
		if err != nil || !utf8.Valid(out) {
			return "", errors.New("the text is not base64 of UTF-8 text")
		}
		return string(out), nil
	}, "str")
	sha256Func = stringFunc(func(a []string) (string, error) {
		sum := sha256.Sum256([]byte(a[0]))
		return hex.EncodeToString(sum[:]), nil
	}, "str")

	urlEscapeFunc = stringFunc(func(a []string) (string, error) { return escape(a[0]), nil }, "str")

	urlQuerySetFunc = stringFunc(func(a []string) (string, error) {
		u, err := url.Parse(a[0])
		if err != nil {
			return "", errors.New("the text is not a URL (percent-encode special characters with urlescape)")
		}
		query := u.Query()
		query.Set(a[1], a[2])
		u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20")
		return u.String(), nil
	}, "url", "key", "value")

	urlUserInfoFunc = stringFunc(func(a []string) (string, error) {
		scheme, rest, ok := strings.Cut(a[0], "://")
		if !ok {
			return "", errors.New("the text is not a URL: it has no ://")
		}
		authority, tail := rest, ""
		if i := strings.IndexAny(rest, "/?"); i >= 0 {
			authority, tail = rest[:i], rest[i:]
		}
		host := authority[strings.LastIndex(authority, "@")+1:]
		return fmt.Sprintf("%s://%s:%s@%s%s", scheme, escape(a[1]), escape(a[2]), host, tail), nil
	}, "url", "user", "password")
)

// escape percent-encodes everything but unreserved characters; a space is %20, since libpq does not read + as one.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// lengthFunc counts the characters of a string or the elements of a collection.
var lengthFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowDynamicType: true, AllowUnknown: true, AllowMarked: true}},
	Type:   function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		plain, marks := args[0].Unmark()
		t := plain.Type()
		switch {
		case t == cty.DynamicPseudoType:
			return cty.UnknownVal(cty.Number).WithMarks(marks), nil
		case t == cty.String:
			n, err := stdlib.Strlen(plain)
			return n.WithMarks(marks), err
		case t.IsObjectType():
			return cty.NumberIntVal(int64(len(t.AttributeTypes()))).WithMarks(marks), nil
		case t.IsCollectionType() || t.IsTupleType():
			return plain.Length().WithMarks(marks), nil
		}
		return cty.UnknownVal(cty.Number), errors.New("the value has no length: give a string or a collection")
	},
})

func envFunc(getenv func(string) string) function.Function {
	return stringFunc(func(a []string) (string, error) { return getenv(a[0]), nil }, "name")
}

// fileBelow reads a file below dir; os.Root keeps .. and symbolic links inside.
func fileBelow(dir string) function.Function {
	return stringFunc(func(a []string) (string, error) {
		if filepath.IsAbs(a[0]) {
			return "", errors.New("schema files read files of their own project only: give a path relative to it")
		}
		root, err := os.OpenRoot(dirOrHere(dir))
		if err != nil {
			return "", fmt.Errorf("cannot open the project's directory: %w", cause(err))
		}
		defer func() { _ = root.Close() }()
		f, err := root.Open(a[0])
		if err != nil {
			return "", fmt.Errorf("cannot read %s: %w", a[0], cause(err))
		}
		defer f.Close()
		src, err := io.ReadAll(f)
		return textOf(a[0], src, err)
	}, "path")
}

func fileAnywhere(dir string) function.Function {
	return stringFunc(func(a []string) (string, error) {
		path := a[0]
		if !filepath.IsAbs(path) {
			path = filepath.Join(dirOrHere(dir), path)
		}
		src, err := os.ReadFile(path)
		return textOf(a[0], src, err)
	}, "path")
}

func textOf(path string, src []byte, err error) (string, error) {
	if err != nil {
		return "", fmt.Errorf("cannot read %s: %w", path, cause(err))
	}
	if !utf8.Valid(src) {
		return "", fmt.Errorf("%s is not UTF-8 text", path)
	}
	return strings.TrimSpace(string(src)), nil
}

func dirOrHere(dir string) string {
	if dir == "" {
		return "."
	}
	return dir
}
