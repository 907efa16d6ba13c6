package server

import (
	"fmt"
	"os"
	"path/filepath"
)

// cacheDir makes and returns the part of pleat's cache with that name: under PLEAT_CACHE_DIR, else under /var/cache/pleat
// for root, whose servers run as another user that cannot enter root's home, else under the user's cache directory.
func cacheDir(part string) (string, error) {
	base := os.Getenv("PLEAT_CACHE_DIR")
	if base == "" && os.Geteuid() == 0 {
		base = "/var/cache/pleat"
	}
	if base == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find cache directory: %w (set PLEAT_CACHE_DIR)", err)
		}
		base = filepath.Join(user, "pleat")
	}
	base, err := filepath.Abs(base)
	if err != nil {
		return "", fmt.Errorf("find cache directory: %w", err)
	}
	dir := filepath.Join(base, part)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make cache directory: %w (set PLEAT_CACHE_DIR)", err)
	}
	return dir, nil
}
