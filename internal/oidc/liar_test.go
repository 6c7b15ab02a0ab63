package oidc_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"latchkey/internal/oidc"
	"latchkey/internal/oidc/oidctest"
	"latchkey/internal/recovery"
)

// liar stands in the line of a real provider: its keys are taken for the provider's, and it says in ID
// tokens what it likes.
type liar struct {
	t      *testing.T
	key    *ecdsa.PrivateKey
	claims map[string]any // put over the real ones; nil removes one
	raw    func(token string) string
	info   map[string]any // answered by the user-info endpoint, if it is set
}

func newLiar(t *testing.T, at *oidctest.Provider) *liar {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	l := &liar{t: t, key: key}
	at.Tamper = l.stand
	return l
}

func (l *liar) stand(own http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/.well-known/openid-configuration":
			l.change(own, w, r, func(document map[string]any) {
				document["id_token_signing_alg_values_supported"] = []string{"ES256", "none", "HS256"}
			})
		case "/keys":
			l.write(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &l.key.PublicKey, KeyID: "1", Algorithm: "ES256"}}})
		case "/oauth/token":
			l.change(own, w, r, func(answer map[string]any) {
				if token, ok := answer["id_token"].(string); ok {
					answer["id_token"] = l.forge(token)
				}
			})
		case "/userinfo":
			if l.info != nil {
				l.write(w, l.info)
				return
			}
			own.ServeHTTP(w, r)
		default:
			own.ServeHTTP(w, r)
		}
	})
}

func (l *liar) change(own http.Handler, w http.ResponseWriter, r *http.Request, f func(map[string]any)) {
	rec := httptest.NewRecorder()
	own.ServeHTTP(rec, r)
	var answer map[string]any
	if err := json.Unmarshal(rec.Body.Bytes(), &answer); err != nil {
		l.t.Error(err)
	}
	f(answer)
	l.write(w, answer)
}

func (l *liar) write(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		l.t.Error(err)
	}
}

// forge signs the real token's claims, changed, anew.
func (l *liar) forge(token string) string {
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		l.t.Error(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		l.t.Error(err)
	}
	maps.Copy(claims, l.claims)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	payload, _ = json.Marshal(claims)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: l.key}, (&jose.SignerOptions{}).WithHeader("kid", "1"))
	if err != nil {
		l.t.Error(err)
		return ""
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		l.t.Error(err)
		return ""
	}
	text, _ := signed.CompactSerialize()
	if l.raw != nil {
		text = l.raw(text)
	}
	return text
}

func part(v any) string {
	text, _ := json.Marshal(v)
	return base64.RawURLEncoding.EncodeToString(text)
}

// Every check of an ID token, each by a token that is good but for one thing.
func TestIDTokensThatAreRefused(t *testing.T) {
	tests := []struct {
		name   string
		claims map[string]any
		raw    func(string) string
		ok     bool
	}{
		{name: "a good one", ok: true},
		{name: "a good one for us and others", claims: map[string]any{"aud": []string{oidctest.ClientID, "x"}, "azp": oidctest.ClientID}, ok: true},
		{name: "without the access token's hash", claims: map[string]any{"at_hash": nil}, ok: true},
		{name: "another issuer", claims: map[string]any{"iss": "https://gitlab.com"}},
		{name: "the issuer with a slash", claims: map[string]any{"iss": "http://127.0.0.1/"}},
		{name: "another audience", claims: map[string]any{"aud": "another-client", "azp": nil}},
		{name: "several audiences, no party", claims: map[string]any{"aud": []string{oidctest.ClientID, "x"}, "azp": nil}},
		{name: "another party", claims: map[string]any{"azp": "another-client"}},
		{name: "expired", claims: map[string]any{"exp": time.Now().Add(-time.Minute).Unix()}},
		{name: "no expiry", claims: map[string]any{"exp": nil}},
		{name: "not yet valid", claims: map[string]any{"nbf": time.Now().Add(time.Hour).Unix()}},
		{name: "no nonce", claims: map[string]any{"nonce": nil}},
		{name: "another nonce", claims: map[string]any{"nonce": "nonce-of-another"}},
		{name: "no subject", claims: map[string]any{"sub": nil}},
		{name: "a subject that is no text", claims: map[string]any{"sub": "2000107\n"}},
		{name: "a subject that is a number", claims: map[string]any{"sub": 2000107}},
		{name: "a subject without end", claims: map[string]any{"sub": strings.Repeat("1", 256)}},
		{name: "another access token's hash", claims: map[string]any{"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}},
		{name: "no signature", raw: func(token string) string {
			return part(map[string]string{"alg": "none"}) + "." + strings.Split(token, ".")[1] + "."
		}},
		{name: "a signature of something else", raw: func(token string) string {
			parts := strings.Split(token, ".")
			return parts[0] + "." + part(map[string]any{"sub": "1"}) + "." + parts[2]
		}},
		{name: "signed with the client's secret", raw: func(token string) string {
			return part(map[string]string{"alg": "HS256"}) + "." + strings.Split(token, ".")[1] + ".AAAA"
		}},
		{name: "no token", raw: func(string) string { return "" }},
		{name: "nonsense", raw: func(string) string { return "nonsense" }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			at := oidctest.Start(t, back, zoe)
			l := newLiar(t, at)
			l.claims, l.raw = tt.claims, tt.raw
			p := client(t, at)
			brought := code(t, p, at, zoe)
			got, err := p.Redeem(t.Context(), brought, secrets)
			if !tt.ok {
				refused(t, got, err, brought)
			} else if err != nil || got != want {
				t.Errorf("got %+v, %v; want %+v", got, err, want)
			}
		})
	}
}

// What the user-info endpoint says counts for the same subject alone, and only where it is verified.
func TestUserInfo(t *testing.T) {
	bare := want
	bare.Email, bare.EmailVerified = "", false
	for _, tt := range []struct {
		name string
		info map[string]any
		ok   bool
	}{
		{"verified", map[string]any{"sub": "2000107", "email": want.Email, "email_verified": true}, true},
		{"verified, as text", map[string]any{"sub": "2000107", "email": want.Email, "email_verified": "true"}, true},
		{"of another subject", map[string]any{"sub": "1", "email": want.Email, "email_verified": true}, false},
		{"not verified", map[string]any{"sub": "2000107", "email": want.Email, "email_verified": false}, false},
		{"not said to be verified", map[string]any{"sub": "2000107", "email": want.Email}, false},
		{"no address", map[string]any{"sub": "2000107", "email": "Zoe <" + want.Email + ">", "email_verified": true}, false},
		{"nonsense", map[string]any{"sub": 2000107, "email_verified": "perhaps"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at := oidctest.Start(t, back, zoe)
			newLiar(t, at).info = tt.info
			p := client(t, at)
			got, err := p.Redeem(t.Context(), code(t, p, at, zoe), secrets)
			expected := bare
			if tt.ok {
				expected = want
			}
			if err != nil || got != expected {
				t.Errorf("got %+v, %v; want %+v", got, err, expected)
			}
		})
	}
}

// A discovery document that leads a browser, or a secret, elsewhere is not taken (R7).
func TestDiscoveryDocumentsThatAreRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(document map[string]any)
	}{
		{"another issuer", func(d map[string]any) { d["issuer"] = "https://gitlab.com" }},
		{"browsers are sent elsewhere", func(d map[string]any) { d["authorization_endpoint"] = "https://evil.example/auth" }},
		{"browsers are sent to a script", func(d map[string]any) { d["authorization_endpoint"] = "javascript:alert(1)" }},
		{"browsers are sent nowhere", func(d map[string]any) { delete(d, "authorization_endpoint") }},
		{"the issuer's host before another", func(d map[string]any) {
			d["authorization_endpoint"] = strings.Replace(d["authorization_endpoint"].(string), "http://", "http://evil.example@", 1)
		}},
		{"codes go to no URL", func(d map[string]any) { d["token_endpoint"] = "file:///etc/passwd" }},
		{"codes go nowhere", func(d map[string]any) { delete(d, "token_endpoint") }},
		{"keys come from nowhere", func(d map[string]any) { delete(d, "jwks_uri") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at := oidctest.Start(t, back, zoe)
			l := &liar{t: t}
			at.Tamper = func(own http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { l.change(own, w, r, tt.change) })
			}
			if got, err := client(t, at).SignInURL(t.Context(), secrets); !errors.Is(err, recovery.ErrIdentityProvider) || got != "" {
				t.Errorf("got %q, %v", got, err)
			} else {
				t.Log(err)
			}
		})
	}
}

// An operator may allow one more origin: of a provider whose pages are on another host than its issuer.
func TestAnAllowedOrigin(t *testing.T) {
	at := oidctest.Start(t, back, zoe)
	l := &liar{t: t}
	at.Tamper = func(own http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			l.change(own, w, r, func(d map[string]any) { d["authorization_endpoint"] = "https://login.example/auth" })
		})
	}
	p := client(t, at, func(c *oidc.Config) { c.Origins = []string{"https://login.example"} })
	if got := begin(t, p); !strings.HasPrefix(got, "https://login.example/auth?") {
		t.Errorf("leads to %s", got)
	}
}

// The client's secret and the code go to the token endpoint and no further.
func TestTheExchangeFollowsNoRedirect(t *testing.T) {
	stolen := 0
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stolen++ }))
	t.Cleanup(thief.Close)
	at := oidctest.Start(t, back, zoe)
	at.Tamper = func(own http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/oauth/token" {
				http.Redirect(w, r, thief.URL, http.StatusTemporaryRedirect)
				return
			}
			own.ServeHTTP(w, r)
		})
	}
	p := client(t, at)
	brought := code(t, p, at, zoe)
	got, err := p.Redeem(t.Context(), brought, secrets)
	refused(t, got, err, brought)
	if stolen > 0 {
		t.Error("the code was sent on")
	}
}

func TestAnEndlessAnswerIsCutOff(t *testing.T) {
	at := oidctest.Start(t, back, zoe)
	at.Tamper = func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
		})
	}
	if _, err := client(t, at).SignInURL(t.Context(), secrets); !errors.Is(err, recovery.ErrIdentityProvider) {
		t.Errorf("got %v", err)
	}
}
