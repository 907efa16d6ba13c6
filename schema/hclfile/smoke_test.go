package hclfile

import (
	"fmt"
	"os"
	"testing"

	"github.com/pleatdb/pleat/schema/hclfile/eval"
)

func TestSmoke(t *testing.T) {
	path := os.Getenv("HCL")
	if path == "" {
		path = "testdata/atlas/schema.hcl"
	}
	d, diags := Load([]string{path}, eval.Options{})
	for _, x := range diags {
		t.Errorf("%s", x)
	}
	files, err := Write(d.Catalog, WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		fmt.Printf("-- %s\n%s", name, text)
	}
}
