package rows

import (
	"math/rand/v2"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
)

// isLength reports whether a function measures its argument.
func isLength(name string) bool {
	switch name {
	case "length", "char_length", "character_length", "octet_length", "bit_length", "cardinality", "array_length":
		return true
	}
	return false
}

func numbersOf(texts []string) (out []int) {
	for _, t := range texts {
		if n, err := strconv.Atoi(t); err == nil && n >= 0 && n <= 10000 {
			out = append(out, n)
		}
	}
	return out
}

// near are the lengths and those beside them.
func near(lengths []int) (out []int) {
	for _, n := range lengths {
		out = append(out, n, n+1)
		if n > 1 {
			out = append(out, n-1)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ofLengths are digits of the lengths that a check names.
func ofLengths(lengths []int, count int) (out []string) {
	for _, n := range near(lengths) {
		for i := 1; i <= count; i++ {
			digits := strconv.Itoa(i)
			if len(digits) > n {
				break
			}
			out = append(out, strings.Repeat("0", n-len(digits))+digits)
		}
	}
	return out
}

// matching are texts that a pattern of LIKE, or a regular expression, is likely to match. PostgreSQL's regular expressions differ in
// details from Go's; the server decides about each text anyway.
func matching(operator string, patterns []string, count int, seed uint64) (out []string) {
	random := rand.New(rand.NewPCG(seed, 17))
	for _, p := range patterns {
		if strings.Contains(operator, "~~") {
			out = append(out, like(p, count)...)
			continue
		}
		tree, err := syntax.Parse(p, syntax.Perl)
		if err != nil {
			continue
		}
		tree = tree.Simplify()
		for range count * 2 {
			var b strings.Builder
			generate(&b, tree, random, 0)
			out = append(out, b.String())
		}
	}
	return out
}

func like(pattern string, count int) (out []string) {
	for i := 1; i <= count; i++ {
		var b strings.Builder
		escaped := false
		for _, r := range pattern {
			switch {
			case escaped:
				b.WriteRune(r)
				escaped = false
			case r == '\\':
				escaped = true
			case r == '%':
				b.WriteString(strconv.Itoa(i))
			case r == '_':
				b.WriteByte("0123456789abcdefghijklmnopqrstuvwxyz"[i%36])
			default:
				b.WriteRune(r)
			}
		}
		out = append(out, b.String())
	}
	return out
}

// generate writes a text that the expression matches. Depth bounds what a repeated repetition makes.
func generate(b *strings.Builder, re *syntax.Regexp, random *rand.Rand, depth int) {
	repeat := func(low, high int) {
		if depth > 6 {
			high = low
		}
		for range low + random.IntN(high-low+1) {
			generate(b, re.Sub[0], random, depth+1)
		}
	}
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			b.WriteRune(r)
		}
	case syntax.OpCharClass:
		b.WriteRune(oneOf(re.Rune, random))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte(byte('a' + random.IntN(26)))
	case syntax.OpCapture:
		generate(b, re.Sub[0], random, depth)
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			generate(b, sub, random, depth)
		}
	case syntax.OpAlternate:
		generate(b, re.Sub[random.IntN(len(re.Sub))], random, depth)
	case syntax.OpQuest:
		repeat(0, 1)
	case syntax.OpStar:
		repeat(0, 5)
	case syntax.OpPlus:
		repeat(1, 6)
	case syntax.OpRepeat:
		most := re.Max
		if most < 0 {
			most = re.Min + 5
		}
		repeat(re.Min, most)
	}
}

// oneOf chooses from the ranges of a class, printable ASCII where it holds any.
func oneOf(ranges []rune, random *rand.Rand) rune {
	var plain []rune
	for i := 0; i+1 < len(ranges); i += 2 {
		for r := max(ranges[i], '!'); r <= min(ranges[i+1], '~'); r++ {
			plain = append(plain, r)
		}
	}
	letters := slices.DeleteFunc(slices.Clone(plain), func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789", r) })
	switch {
	case len(letters) > 0:
		return letters[random.IntN(len(letters))]
	case len(plain) > 0:
		return plain[random.IntN(len(plain))]
	case len(ranges) > 0:
		return ranges[0]
	}
	return 'a'
}
