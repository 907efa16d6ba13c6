package approval

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// Keys are where this process finds SSH keys.
type Keys struct {
	// Agent is the socket of an SSH agent (SSH_AUTH_SOCK); empty for none.
	Agent string
	// Dir is the user's directory of keys (~/.ssh); empty for none.
	Dir string
	// Passphrase asks for that of an encrypted key file; nil where nobody can be asked.
	Passphrase func(path string) ([]byte, error)
}

// ErrNoKey is returned where none of the process' keys may approve.
var ErrNoKey = errors.New("none of your SSH keys is among those that may approve")

// Find gives a key to sign with: the one at path (private, or public with its private half in the agent), or, for an empty path, the first
// that may approve, from the agent or the directory of keys.
func (k Keys) Find(path string, allowed []Signer) (ssh.Signer, error) {
	if path != "" {
		return k.at(path)
	}
	held, err := k.held()
	if err != nil {
		return nil, err
	}
	for _, signer := range held {
		if Among(allowed, signer.PublicKey()) != nil {
			return signer, nil
		}
	}
	for _, public := range k.publicFiles() {
		key, err := readPublic(public)
		if err == nil && Among(allowed, key) != nil {
			return k.at(strings.TrimSuffix(public, ".pub"))
		}
	}
	return nil, ErrNoKey
}

// at reads the key of a file.
func (k Keys) at(path string) (ssh.Signer, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the key: %w", err)
	}
	if public, _, _, _, err := ssh.ParseAuthorizedKey(text); err == nil {
		return k.inAgent(public)
	}
	signer, err := ssh.ParsePrivateKey(text)
	var locked *ssh.PassphraseMissingError
	if !errors.As(err, &locked) {
		return signer, wrap("read the key "+path, err)
	}
	if locked.PublicKey != nil {
		if signer, err := k.inAgent(locked.PublicKey); err == nil {
			return signer, nil
		}
	}
	if k.Passphrase == nil {
		return nil, fmt.Errorf("the key %s is encrypted, and nobody can be asked for its passphrase here; add it to an SSH agent", path)
	}
	passphrase, err := k.Passphrase(path)
	if err != nil {
		return nil, err
	}
	signer, err = ssh.ParsePrivateKeyWithPassphrase(text, passphrase)
	return signer, wrap("read the key "+path, err)
}

func (k Keys) inAgent(public ssh.PublicKey) (ssh.Signer, error) {
	held, err := k.held()
	if err != nil {
		return nil, err
	}
	for _, signer := range held {
		if bytes.Equal(signer.PublicKey().Marshal(), public.Marshal()) {
			return signer, nil
		}
	}
	return nil, fmt.Errorf("no SSH agent holds the private half of %s", ssh.FingerprintSHA256(public))
}

// held are the keys in the agent; none where there is no agent.
func (k Keys) held() ([]ssh.Signer, error) {
	if k.Agent == "" {
		return nil, nil
	}
	conn, err := net.Dial("unix", k.Agent)
	if err != nil {
		return nil, nil // SSH_AUTH_SOCK of a session that is over is no reason to stop
	}
	signers, err := agent.NewClient(conn).Signers()
	return signers, wrap("ask the SSH agent for its keys", err)
}

func (k Keys) publicFiles() []string {
	if k.Dir == "" {
		return nil
	}
	files, _ := filepath.Glob(filepath.Join(k.Dir, "*.pub")) // the pattern is well formed
	return files
}

func readPublic(path string) (ssh.PublicKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey(text)
	return key, err
}

// Own are the fingerprints of all keys that this process could sign with: those of the agent, those in the directory, and the given public
// keys, as files or lines.
func (k Keys) Own(more []string) (map[string]bool, error) {
	out := map[string]bool{}
	held, err := k.held()
	if err != nil {
		return nil, err
	}
	for _, signer := range held {
		out[ssh.FingerprintSHA256(signer.PublicKey())] = true
	}
	for _, path := range k.publicFiles() {
		if key, err := readPublic(path); err == nil {
			out[ssh.FingerprintSHA256(key)] = true
		}
	}
	signers, err := ReadSigners(more)
	for _, s := range signers {
		out[s.Fingerprint()] = true
	}
	return out, err
}

// Sign signs a statement and gives the armored signature.
func Sign(s *Statement, signer ssh.Signer) (string, error) {
	signature, err := sshsig.Sign(strings.NewReader(s.Text()), signer, sshsig.HashSHA512, Namespace)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return string(sshsig.Armor(signature)), nil
}

// Verified gives the key that signed a text; the armored signature holds it.
func Verified(text, armored string) (ssh.PublicKey, error) {
	signature, err := sshsig.Unarmor([]byte(armored))
	if err != nil {
		return nil, fmt.Errorf("read the signature: %w", err)
	}
	if signature.Namespace != Namespace {
		return nil, fmt.Errorf("the signature was made for %q, not for %q", signature.Namespace, Namespace)
	}
	err = sshsig.Verify(strings.NewReader(text), signature, signature.PublicKey, signature.HashAlgorithm, Namespace)
	return signature.PublicKey, wrap("verify the signature", err)
}

// Among finds the line of a key; nil where it has none.
func Among(allowed []Signer, key ssh.PublicKey) *Signer {
	for i := range allowed {
		if bytes.Equal(allowed[i].Key.Marshal(), key.Marshal()) {
			return &allowed[i]
		}
	}
	return nil
}

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
