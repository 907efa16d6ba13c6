package eval

import (
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// Functions are the functions of schema files. file() reads below dir only, links included.
func Functions(dir string) map[string]function.Function {
	fns := map[string]function.Function{
		"can": tryfunc.CanFunc, "try": tryfunc.TryFunc,
		"coalesce": stdlib.CoalesceFunc, "jsonencode": stdlib.JSONEncodeFunc, "jsondecode": stdlib.JSONDecodeFunc,
		"csvdecode": stdlib.CSVDecodeFunc, "formatdate": stdlib.FormatDateFunc, "timeadd": stdlib.TimeAddFunc,
		"length": lengthFunc, "file": fileBelow(dir),
	}
	for _, group := range []map[string]function.Function{textFunctions, collectionFunctions, numberFunctions, conversions, urlFunctions} {
		for name, fn := range group {
			fns[name] = fn
		}
	}
	return fns
}

// ProjectFunctions are the functions of the project file: those of [Functions], env() and getenv() over getenv, and a
// file() that reads any path, since secrets are mounted outside the project.
func ProjectFunctions(dir string, getenv func(string) string) map[string]function.Function {
	fns := Functions(dir)
	fns["file"] = fileAnywhere(dir)
	fns["env"] = envFunc(getenv)
	fns["getenv"] = fns["env"]
	return fns
}

var textFunctions = map[string]function.Function{
	"upper": stdlib.UpperFunc, "lower": stdlib.LowerFunc, "title": stdlib.TitleFunc,
	"trim": stdlib.TrimFunc, "trimprefix": stdlib.TrimPrefixFunc, "trimsuffix": stdlib.TrimSuffixFunc,
	"trimspace": stdlib.TrimSpaceFunc, "chomp": stdlib.ChompFunc, "indent": stdlib.IndentFunc,
	"join": stdlib.JoinFunc, "split": stdlib.SplitFunc, "replace": stdlib.ReplaceFunc,
	"regex": stdlib.RegexFunc, "regexall": stdlib.RegexAllFunc, "regexreplace": stdlib.RegexReplaceFunc,
	"substr": stdlib.SubstrFunc, "strrev": stdlib.ReverseFunc,
	"format": stdlib.FormatFunc, "formatlist": stdlib.FormatListFunc,
	"startswith": startsWithFunc, "endswith": endsWithFunc,
	"base64encode": base64EncodeFunc, "base64decode": base64DecodeFunc, "sha256": sha256Func,
}

var collectionFunctions = map[string]function.Function{
	"chunklist": stdlib.ChunklistFunc, "coalescelist": stdlib.CoalesceListFunc, "compact": stdlib.CompactFunc,
	"concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc, "distinct": stdlib.DistinctFunc,
	"element": stdlib.ElementFunc, "flatten": stdlib.FlattenFunc, "index": stdlib.IndexFunc,
	"keys": stdlib.KeysFunc, "lookup": stdlib.LookupFunc, "merge": stdlib.MergeFunc, "range": stdlib.RangeFunc,
	"reverse": stdlib.ReverseListFunc, "setintersection": stdlib.SetIntersectionFunc,
	"setproduct": stdlib.SetProductFunc, "setsubtract": stdlib.SetSubtractFunc, "setunion": stdlib.SetUnionFunc,
	"slice": stdlib.SliceFunc, "sort": stdlib.SortFunc, "values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,
}

var numberFunctions = map[string]function.Function{
	"abs": stdlib.AbsoluteFunc, "ceil": stdlib.CeilFunc, "floor": stdlib.FloorFunc, "log": stdlib.LogFunc,
	"max": stdlib.MaxFunc, "min": stdlib.MinFunc, "parseint": stdlib.ParseIntFunc, "pow": stdlib.PowFunc,
	"signum": stdlib.SignumFunc,
}

var conversions = map[string]function.Function{
	"tostring": stdlib.MakeToFunc(cty.String), "tonumber": stdlib.MakeToFunc(cty.Number), "tobool": stdlib.MakeToFunc(cty.Bool),
	"tolist": stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)), "toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)),
	"tomap": stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)),
}

var urlFunctions = map[string]function.Function{
	"urlescape": urlEscapeFunc, "urlqueryset": urlQuerySetFunc, "urluserinfo": urlUserInfoFunc,
}
