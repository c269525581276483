import CCurl
import Foundation

/// Makes libcurl's handle for a request; everything is checked before anything is sent.
struct TransferSetup {
  let host: String
  let timeouts: HTTPTimeouts
  let handle: UnsafeMutableRawPointer
  let certificate: UnsafeMutablePointer<ccurl_certificate>
  let errorText: UnsafeMutablePointer<CChar>
  private(set) var headerList: UnsafeMutablePointer<curl_slist>?

  private static let uploadBufferBytes = 256 << 10

  init(_ request: HTTPRequest, _ configuration: HTTPClient.Configuration) throws(HTTPFailure) {
    host = try Self.host(of: request.url)
    try Self.check(request, host)
    timeouts = request.timeouts ?? configuration.timeouts
    guard let handle = curl_easy_init() else {
      throw HTTPFailure(.invalidRequest, host: host, "libcurl has no memory for another request")
    }
    self.handle = handle
    certificate = .allocate(capacity: 1)
    certificate.initialize(to: ccurl_certificate())
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    do {
      try set(request)
      try setTLS(configuration)
      try setConnection(request, configuration)
    } catch {
      curl_easy_cleanup(handle)
      curl_slist_free_all(headerList)
      certificate.deallocate()
      errorText.deallocate()
      throw error
    }
  }

  private static func host(of url: String) throws(HTTPFailure) -> String {
    guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(), let host = parts.host,
      !host.isEmpty, url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
    else { throw HTTPFailure(.invalidRequest, host: "", "the URL of a request cannot be read") }
    let name = parts.port.map { "\(host):\($0)" } ?? host
    guard scheme == "https" || scheme == "http" else {
      throw HTTPFailure(.invalidRequest, host: name, "only http and https are spoken, not \(scheme)")
    }
    return name
  }

  private static func check(_ request: HTTPRequest, _ host: String) throws(HTTPFailure) {
    let token = request.method.utf8.allSatisfy { (0x41...0x5a).contains($0) }
    guard token, !request.method.isEmpty else {
      throw HTTPFailure(.invalidRequest, host: host, "'\(request.method)' is no method")
    }
    for field in request.headers.fields {
      let name = field.name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") }
      let value = field.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }
      guard name, value, !field.name.isEmpty else {
        throw HTTPFailure(.invalidRequest, host: host, "a header has characters that cannot be sent")
      }
    }
  }

  private func take(_ code: CURLcode, _ what: String) throws(HTTPFailure) {
    guard code == CURLE_OK else {
      let why = String(cString: curl_easy_strerror(code))
      throw HTTPFailure(.invalidRequest, host: host, "libcurl does not take \(what): \(why)")
    }
  }

  private func flag(_ option: CURLoption, _ value: Int = 1) throws(HTTPFailure) {
    try take(ccurl_set_long(handle, option, value), "an option")
  }

  private mutating func set(_ request: HTTPRequest) throws(HTTPFailure) {
    try take(ccurl_set_text(handle, CURLOPT_URL, request.url), "the URL")
    try take(ccurl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https"), "the protocols")
    try take(ccurl_set_text(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https"), "the protocols")
    for option in [CURLOPT_NOSIGNAL, CURLOPT_PATH_AS_IS, CURLOPT_DISALLOW_USERNAME_IN_URL, CURLOPT_NOPROGRESS] {
      try flag(option)
    }
    try flag(CURLOPT_UPLOAD_BUFFERSIZE, Self.uploadBufferBytes)
    try flag(CURLOPT_FOLLOWLOCATION, request.redirects > 0 ? 1 : 0)
    try flag(CURLOPT_MAXREDIRS, request.redirects)
    switch request.body {
    case .none where request.method == "HEAD": try flag(CURLOPT_NOBODY)
    case .none: try flag(CURLOPT_HTTPGET)
    case .bytes, .stream:
      try flag(CURLOPT_UPLOAD)
      let length = request.body.length ?? -1
      try take(ccurl_set_offset(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(length)), "the body's length")
    }
    if request.method != "HEAD" {
      try take(ccurl_set_text(handle, CURLOPT_CUSTOMREQUEST, request.method), "the method")
    }
    try setHeaders(request.headers)
  }

  private mutating func setHeaders(_ headers: HTTPHeaders) throws(HTTPFailure) {
    // Waiting for `100 Continue` costs a second where a server does not know it.
    var lines = headers["Expect"] == nil ? ["Expect:"] : []
    // libcurl leaves out a header without a value unless it ends with a semicolon.
    lines += headers.fields.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
    for line in lines {
      guard let list = curl_slist_append(headerList, line) else {
        throw HTTPFailure(.invalidRequest, host: host, "libcurl has no memory for the headers")
      }
      headerList = list
    }
    try take(ccurl_set_list(handle, CURLOPT_HTTPHEADER, headerList), "the headers")
  }

  private func setTLS(_ configuration: HTTPClient.Configuration) throws(HTTPFailure) {
    try flag(CURLOPT_SSL_VERIFYPEER)
    try flag(CURLOPT_SSL_VERIFYHOST, configuration.pin == nil ? 2 : 0)
    try flag(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    if let pin = configuration.pin {
      withUnsafeMutableBytes(of: &certificate.pointee.pinned) { $0.copyBytes(from: pin.bytes) }
      certificate.pointee.pinned_length = UInt32(pin.bytes.count)
      try take(ccurl_set_text(handle, CURLOPT_CAINFO, nil), "no authorities")
    } else if let authorities = configuration.authorities {
      guard FileManager.default.isReadableFile(atPath: authorities) else {
        throw HTTPFailure(
          .invalidRequest, host: host, "the file of trusted certificates cannot be read: \(authorities)")
      }
      try take(ccurl_set_text(handle, CURLOPT_CAINFO, authorities), "the trusted certificates")
      try take(ccurl_set_text(handle, CURLOPT_CAPATH, nil), "the trusted certificates")
    }
    try take(ccurl_check_certificates(handle, certificate), "the check of certificates")
  }

  private func setConnection(
    _ request: HTTPRequest, _ configuration: HTTPClient.Configuration
  ) throws(HTTPFailure) {
    try take(ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText), "a buffer")
    try flag(CURLOPT_CONNECTTIMEOUT_MS, timeouts.connect.milliseconds)
    if let total = timeouts.total { try flag(CURLOPT_TIMEOUT_MS, max(1, total.milliseconds)) }
    try flag(CURLOPT_TCP_KEEPALIVE)
    let version = configuration.http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1
    try flag(CURLOPT_HTTP_VERSION, Int(version))
    switch configuration.proxy {
    case .environment: break
    case .none: try take(ccurl_set_text(handle, CURLOPT_PROXY, ""), "no proxy")
    case .url(let url): try take(ccurl_set_text(handle, CURLOPT_PROXY, url), "the proxy")
    }
    if let agent = configuration.userAgent { try take(ccurl_set_text(handle, CURLOPT_USERAGENT, agent), "the name") }
  }
}

extension Duration {
  var milliseconds: Int {
    let (seconds, attoseconds) = components
    // More than a year is as good as for ever, and fits into what libcurl takes.
    return Int(min(max(seconds, 0), 31_536_000)) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
  }
}
