import CCurl
import ConnectorProtocol

/// Makes failures of libcurl's codes.
enum CurlFault {
  /// - Parameters:
  ///   - detail: libcurl's own words: they name hosts and ports, never a path or query, for the codes they are used for.
  ///   - connected: Whether the connection stood when it happened.
  static func failure(
    _ code: CURLcode, host: String, _ detail: String, certificate: ccurl_certificate, connected: Bool
  ) -> HTTPFailure {
    let plain = String(cString: curl_easy_strerror(code))
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST: return HTTPFailure(.hostNotFound, host: host, "no such host is known")
    case CURLE_COULDNT_RESOLVE_PROXY: return HTTPFailure(.hostNotFound, host: host, "the proxy's host is not known")
    case CURLE_COULDNT_CONNECT: return HTTPFailure(.connectionRefused, host: host, detail)
    case CURLE_OPERATION_TIMEDOUT:
      return connected
        ? HTTPFailure(.timeout, host: host, "the request took longer than it may")
        : HTTPFailure(.connectTimeout, host: host, "no connection came about in time")
    case CURLE_PEER_FAILED_VERIFICATION: return untrusted(host, detail, certificate)
    case CURLE_SSL_CONNECT_ERROR where certificate.refused != 0: return untrusted(host, detail, certificate)
    case CURLE_SSL_CONNECT_ERROR where detail.contains("SSL_ERROR_SYSCALL") || detail.contains("reset"):
      return HTTPFailure(.interrupted, host: host, "the connection broke while TLS was agreed on")
    case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_CERTPROBLEM, CURLE_SSL_ENGINE_INITFAILED:
      return HTTPFailure(.tls, host: host, "no secure connection came about: \(detail)")
    case CURLE_SSL_CACERT_BADFILE:
      return HTTPFailure(.invalidRequest, host: host, "the file of trusted certificates holds none")
    case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_SEND_FAIL_REWIND,
      CURLE_HTTP2, CURLE_HTTP2_STREAM:
      return HTTPFailure(.interrupted, host: host, "the connection broke: \(plain)")
    // What is no HTTP at all is taken for its version 0.9.
    case CURLE_UNSUPPORTED_PROTOCOL where connected:
      return HTTPFailure(.invalidResponse, host: host, "what was answered is no HTTP")
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_LOGIN_DENIED:
      return HTTPFailure(.invalidRequest, host: host, plain)
    default: return HTTPFailure(.invalidResponse, host: host, plain)
    }
  }

  private static func untrusted(_ host: String, _ detail: String, _ certificate: ccurl_certificate) -> HTTPFailure {
    let bytes = withUnsafeBytes(of: certificate.found) { Array($0) }
    let seen = bytes.contains { $0 != 0 }
    let what =
      certificate.pinned_length > 0
      ? "the server's certificate is not the pinned one" : "the certificate is not trusted"
    return HTTPFailure(
      .certificateUntrusted, host: host, certificate.pinned_length > 0 ? what : "\(what): \(detail)",
      fingerprint: seen ? SHA256.hex(bytes) : nil)
  }
}
