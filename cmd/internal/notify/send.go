package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/pleatdb/pleat/cmd/internal/event"
)

// Pauses between attempts; they double.
const (
	shortest = 300 * time.Millisecond
	longest  = 10 * time.Second
)

// sender makes the requests of one receiver.
type sender struct {
	opts   Options
	client *retryablehttp.Client
	now    func() time.Time
}

func newSender(o Options) *sender {
	s := &sender{opts: o, now: time.Now}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: o.Timeout, ForceAttemptHTTP2: true,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
	}
	s.client = retryablehttp.NewClient()
	s.client.Logger, s.client.RetryMax = nil, o.Attempts-1
	s.client.RetryWaitMin, s.client.RetryWaitMax = shortest, longest
	s.client.HTTPClient = &http.Client{Transport: transport, Timeout: o.Timeout, CheckRedirect: sameHost}
	s.client.ErrorHandler = retryablehttp.PassthroughErrorHandler
	s.client.Backoff = patience
	s.client.PrepareRetry = func(r *http.Request) error { return s.sign(r) }
	return s
}

// patience is the library's own, but a receiver that asks for an hour's pause does not get it.
func patience(least, most time.Duration, attempt int, resp *http.Response) time.Duration {
	return min(retryablehttp.DefaultBackoff(least, most, attempt, resp), most)
}

// sameHost lets a redirect pass that stays where it was sent to and keeps the method and the body.
func sameHost(next *http.Request, via []*http.Request) error {
	first := via[0]
	const most = 3
	if len(via) > most || next.URL.Host != first.URL.Host || next.URL.Scheme != first.URL.Scheme || next.Method != first.Method {
		return http.ErrUseLastResponse
	}
	return nil
}

// send delivers one event, with retries.
func (s *sender) send(ctx context.Context, e event.Event) error {
	body, contentType, err := s.body(e)
	if err != nil {
		return err
	}
	r, err := retryablehttp.NewRequestWithContext(ctx, http.MethodPost, s.opts.URL.Reveal(), body)
	if err != nil {
		return errors.New("its URL cannot be used") // the library's error holds it
	}
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("User-Agent", s.opts.Agent)
	if err := s.sign(r.Request); err != nil {
		return err
	}
	resp, err := s.client.Do(r)
	if err != nil {
		return withoutURL(err)
	}
	defer resp.Body.Close()
	return judge(resp)
}

func (s *sender) body(e event.Event) (body []byte, contentType string, err error) {
	if s.opts.Slack {
		body, err = slackMessage(e)
		return body, "application/json; charset=utf-8", err
	}
	body, err = cloudEvent(e)
	return body, "application/cloudevents+json; charset=utf-8", err
}

// sign adds the signature to a request; each attempt has its own time.
func (s *sender) sign(r *http.Request) error {
	if s.opts.Key.Empty() || r.GetBody == nil {
		return nil
	}
	body, err := r.GetBody()
	if err != nil {
		return fmt.Errorf("read the body again: %w", err)
	}
	defer body.Close()
	text, err := io.ReadAll(body)
	if err != nil {
		return fmt.Errorf("read the body again: %w", err)
	}
	stamp, signature := Sign(s.opts.Key.Reveal(), s.now(), text)
	r.Header.Set(TimestampHeader, stamp)
	r.Header.Set(SignatureHeader, signature)
	return nil
}

// judge turns an answer into an error where it is none that receives.
func judge(resp *http.Response) error {
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return nil
	}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return fmt.Errorf("it answered %d and sent us elsewhere, where we do not go", resp.StatusCode)
	}
	const most = 200 // what a person needs of it
	text, _ := io.ReadAll(io.LimitReader(resp.Body, most))
	return fmt.Errorf("it answered %d: %s", resp.StatusCode, strings.Join(strings.Fields(strings.ToValidUTF8(string(text), "?")), " "))
}

// withoutURL takes the address out of an error: it can be a secret.
func withoutURL(err error) error {
	var u *url.Error
	for errors.As(err, &u) {
		err = u.Err
	}
	if errors.Is(err, context.Canceled) {
		return errors.New("it did not answer before the command ended")
	}
	return err
}
