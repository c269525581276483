#include <curl/curl.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <string.h>

// curl's setters take any number of arguments, which Swift does not import: one function for each kind of value.
static inline CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode ccurl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode ccurl_set_text(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode ccurl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(handle, option, value);
}
typedef size_t (*ccurl_bytes)(char *, size_t, size_t, void *);
static inline CURLcode ccurl_set_bytes_function(CURL *handle, CURLoption option, ccurl_bytes function) {
  return curl_easy_setopt(handle, option, function);
}
static inline CURLcode ccurl_set_seek_function(CURL *handle, int (*function)(void *, curl_off_t, int)) {
  return curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, function);
}
static inline CURLcode ccurl_get_long(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode ccurl_get_pointer(CURL *handle, CURLINFO info, void **value) {
  return curl_easy_getinfo(handle, info, (char **)value);
}
static inline CURLMcode ccurl_multi_set_long(CURLM *handle, CURLMoption option, long value) {
  return curl_multi_setopt(handle, option, value);
}

// What one connection's certificate is held against, and what was found. It lives as long as the transfer that makes
// the connection: later handshakes on it, the only other use, are switched off.
struct ccurl_certificate {
  unsigned char pinned[EVP_MAX_MD_SIZE];
  unsigned int pinned_length;  // 0: whatever the trusted authorities vouch for; 20: SHA-1; 32: SHA-256
  unsigned char found[32];     // SHA-256 of the server's certificate
  int refused;
};

static inline int ccurl_check_certificate(X509_STORE_CTX *store, void *context) {
  struct ccurl_certificate *certificate = (struct ccurl_certificate *)context;
  X509 *leaf = X509_STORE_CTX_get0_cert(store);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  int trusted = 0;
  if (leaf == NULL || X509_digest(leaf, EVP_sha256(), certificate->found, &length) != 1) {
    trusted = 0;
  } else if (certificate->pinned_length == 0) {
    trusted = X509_verify_cert(store) == 1;
  } else {
    const EVP_MD *algorithm = certificate->pinned_length == 20 ? EVP_sha1() : EVP_sha256();
    trusted = X509_digest(leaf, algorithm, digest, &length) == 1 && length == certificate->pinned_length &&
              CRYPTO_memcmp(digest, certificate->pinned, length) == 0;
    X509_STORE_CTX_set_error(store, trusted ? X509_V_OK : X509_V_ERR_CERT_UNTRUSTED);
  }
  if (!trusted) certificate->refused = 1;
  return trusted;
}

static inline CURLcode ccurl_prepare_tls(CURL *handle, void *tls, void *context) {
  (void)handle;
  SSL_CTX_set_options((SSL_CTX *)tls, SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_cert_verify_callback((SSL_CTX *)tls, ccurl_check_certificate, context);
  return CURLE_OK;
}

static inline CURLcode ccurl_check_certificates(CURL *handle, struct ccurl_certificate *certificate) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, ccurl_prepare_tls);
  if (code != CURLE_OK) return code;
  return curl_easy_setopt(handle, CURLOPT_SSL_CTX_DATA, certificate);
}

// Called when a request is about to go out on a connection that stands.
typedef int (*ccurl_ready)(void *, char *, char *, int, int);
static inline CURLcode ccurl_set_ready_function(CURL *handle, ccurl_ready function) {
  return curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, function);
}
