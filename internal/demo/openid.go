package demo

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"latchkey/internal/account"
)

// codeLifetime is how long a browser may take from the demo's GitLab.com back to who sent it.
const codeLifetime = time.Minute

// OpenIDConfig is what the demo's GitLab.com needs to sign people in for somebody else; all is required.
type OpenIDConfig struct {
	// Issuer is where it answers, without a slash at the end.
	Issuer string
	// ClientID and ClientSecret are Latchkey's own, and RedirectURL is where it takes people back.
	ClientID, ClientSecret string
	RedirectURL            string
	Now                    func() time.Time
}

// OpenID is the demo's GitLab.com as an OpenID provider: authorization code with PKCE, for one client. It
// serves OpenIDPaths, and takes everybody's word for who they are.
type OpenID struct {
	http.Handler
	cfg    OpenIDConfig
	portal *Portal
	signer jose.Signer
	keys   jose.JSONWebKeySet

	mu    sync.Mutex
	codes map[string]grant
}

// grant is what a code is good for.
type grant struct {
	identity         account.Identity
	nonce, challenge string
	until            time.Time
}

// OpenIDPaths are the patterns that lead to an OpenID, as http.ServeMux reads them.
func OpenIDPaths() []string { return []string{"/.well-known/openid-configuration", "/oauth/"} }

// NewOpenID lets the people whom the portal knows sign in. Its key lives as long as the process.
func NewOpenID(p *Portal, cfg OpenIDConfig) (*OpenID, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	const id = "demo"
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: id}}, nil)
	o := &OpenID{
		cfg: cfg, portal: p, signer: signer, codes: map[string]grant{},
		keys: jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: id, Algorithm: "ES256", Use: "sig"}}},
	}
	o.Handler = o.web()
	return o, err
}

func (o *OpenID) web() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", o.discovery)
	mux.HandleFunc("GET /oauth/keys", func(w http.ResponseWriter, _ *http.Request) { o.json(w, http.StatusOK, o.keys) })
	mux.HandleFunc("GET /oauth/authorize", o.portal.page(o.showAuthorize))
	mux.HandleFunc("POST /oauth/authorize", o.portal.page(o.authorize))
	mux.HandleFunc("POST /oauth/token", o.token)
	mux.HandleFunc("/", o.portal.page(func(http.ResponseWriter, *http.Request) error { return errNoPage }))
	return withHeaders(http.NewCrossOriginProtection().Handler(mux))
}

func (o *OpenID) discovery(w http.ResponseWriter, _ *http.Request) {
	issuer := o.cfg.Issuer
	o.json(w, http.StatusOK, struct {
		Issuer     string   `json:"issuer"`
		Authorize  string   `json:"authorization_endpoint"`
		Token      string   `json:"token_endpoint"`
		Keys       string   `json:"jwks_uri"`
		Responses  []string `json:"response_types_supported"`
		Subjects   []string `json:"subject_types_supported"`
		Algorithms []string `json:"id_token_signing_alg_values_supported"`
		Challenges []string `json:"code_challenge_methods_supported"`
		Methods    []string `json:"token_endpoint_auth_methods_supported"`
	}{
		issuer, issuer + "/oauth/authorize", issuer + "/oauth/token", issuer + "/oauth/keys",
		[]string{"code"},
		[]string{"public"},
		[]string{"ES256"},
		[]string{"S256"},
		[]string{"client_secret_basic"},
	})
}

// newCode is good for one exchange.
func (o *OpenID) newCode(g grant) string {
	code, hash := newSecret()
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.cfg.Now()
	for old, other := range o.codes {
		if !now.Before(other.until) {
			delete(o.codes, old)
		}
	}
	g.until = now.Add(codeLifetime)
	o.codes[hash] = g
	return code
}

func (o *OpenID) useCode(code string) (grant, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	g, ok := o.codes[hashOf(code)]
	delete(o.codes, hashOf(code))
	return g, ok && o.cfg.Now().Before(g.until)
}

// token exchanges a code for an ID token; the access token opens nothing.
func (o *OpenID) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBodyBytes)
	if id, secret, _ := r.BasicAuth(); !equal(id, o.cfg.ClientID) || !equal(secret, o.cfg.ClientSecret) {
		o.refuse(w, http.StatusUnauthorized, "invalid_client")
		return
	}
	g, ok := o.granted(r)
	if !ok {
		o.refuse(w, http.StatusBadRequest, "invalid_grant")
		return
	}
	signed, err := o.idToken(g)
	if err != nil {
		o.refuse(w, http.StatusInternalServerError, "server_error")
		return
	}
	access, _ := newSecret()
	o.json(w, http.StatusOK, struct {
		Access  string `json:"access_token"`
		Type    string `json:"token_type"`
		Expires int    `json:"expires_in"`
		ID      string `json:"id_token"`
	}{access, "Bearer", 120, signed})
}

// granted is what the code of an exchange stands for; trying spends it.
func (o *OpenID) granted(r *http.Request) (grant, bool) {
	g, ok := o.useCode(r.PostFormValue("code"))
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	return g, ok && r.PostFormValue("grant_type") == "authorization_code" &&
		r.PostFormValue("redirect_uri") == o.cfg.RedirectURL &&
		equal(base64.RawURLEncoding.EncodeToString(sum[:]), g.challenge)
}

func (o *OpenID) idToken(g grant) (string, error) {
	now := o.cfg.Now().Unix()
	claims, err := json.Marshal(struct {
		Issuer        string `json:"iss"`
		Subject       string `json:"sub"`
		Audience      string `json:"aud"`
		Issued        int64  `json:"iat"`
		Expires       int64  `json:"exp"`
		Nonce         string `json:"nonce,omitempty"`
		Email         string `json:"email"`
		EmailVerified bool   `json:"email_verified"`
	}{o.cfg.Issuer, g.identity.Subject, o.cfg.ClientID, now, now + 120, g.nonce, g.identity.Email, g.identity.EmailVerified})
	if err != nil {
		return "", err
	}
	signed, err := o.signer.Sign(claims)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

func (o *OpenID) refuse(w http.ResponseWriter, status int, code string) {
	o.json(w, status, struct {
		Error string `json:"error"`
	}{code})
}

func (o *OpenID) json(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // whoever asked has gone
}

func equal(a, b string) bool { return b != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// person is the identity with this id, if GitLab.com lets it in.
func (o *OpenID) person(ctx context.Context, subject string) (account.Identity, bool, error) {
	i, ok, err := o.portal.Identity(ctx, subject)
	return i, ok && i.State == account.IdentityActive && i.PasswordEnabled, err
}
