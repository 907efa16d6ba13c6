package credential

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/vault/api"
)

// renew keeps a lease or a token alive in the background until the source is closed. The caller holds the mutex.
func (v *vault) renew(secret *api.Secret, what string, renewed func(seconds int)) {
	watcher, err := v.client.NewLifetimeWatcher(&api.LifetimeWatcherInput{Secret: secret})
	if err != nil { // only without a secret
		return
	}
	seconds := secret.LeaseDuration
	if secret.Auth != nil {
		seconds = secret.Auth.LeaseDuration
	}
	ends := time.Now().Add(time.Duration(seconds) * time.Second)
	go watcher.Start()
	go func() {
		defer watcher.Stop()
		for {
			select {
			case <-v.done:
				return
			case err := <-watcher.DoneCh():
				why := "can no longer be renewed"
				if err != nil {
					why = "could not be renewed"
				}
				v.o.Warn(fmt.Sprintf("%s %s; it ends at %s", what, why, ends.Format(time.RFC3339)))
				return
			case output := <-watcher.RenewCh():
				seconds := output.Secret.LeaseDuration
				if output.Secret.Auth != nil {
					seconds = output.Secret.Auth.LeaseDuration
				}
				ends = output.RenewedAt.Local().Add(time.Duration(seconds) * time.Second)
				v.mu.Lock()
				renewed(seconds)
				v.mu.Unlock()
			}
		}
	}()
}

// Close revokes the leases, and the token if a login of ours made it. What cannot be revoked is told, with when it ends by itself.
func (v *vault) Close(ctx context.Context) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return
	}
	v.closed = true
	close(v.done)
	if v.client == nil {
		return
	}
	var left []*lease
	for _, l := range v.leases {
		if err := v.client.Sys().RevokeWithContext(ctx, l.id); err != nil {
			left = append(left, l)
		}
	}
	gone := false
	if v.own {
		// Its leases go with it, also where a policy does not let us revoke them one by one.
		gone = v.client.Auth().Token().RevokeSelfWithContext(ctx, "") == nil
	}
	if gone {
		return
	}
	for _, l := range left {
		v.o.Warn(fmt.Sprintf("the role %s could not be given back to Vault (the policy must allow update on sys/leases/revoke); it ends at %s",
			l.login.User, l.ends.Format(time.RFC3339)))
	}
	if v.own && len(left) == 0 {
		v.o.Warn("the token of Vault could not be given back (the policy must allow update on auth/token/revoke-self); it ends by itself")
	}
}

// explain says what Vault refused by its path, never with its answer.
func explain(err error, path, capability string) error {
	var response *api.ResponseError
	if !errors.As(err, &response) {
		return fmt.Errorf("ask Vault for %s: %w", path, err)
	}
	switch response.StatusCode {
	case 400:
		return fmt.Errorf("Vault refused %s (400): what was sent is not what the role there expects", path)
	case 403:
		return fmt.Errorf("Vault refused %s (403): the token is not valid, or its policies do not allow it: path %q { capabilities = [%q] }", path, path, capability)
	case 404:
		return fmt.Errorf("Vault has nothing at %s (404): is the mount right, the role's name, and the namespace?", path)
	case 503:
		return fmt.Errorf("Vault does not answer for %s (503): it is sealed or in maintenance", path)
	}
	return fmt.Errorf("Vault refused %s (%d)", path, response.StatusCode)
}
