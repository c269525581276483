import ConnectorHTTP
import ConnectorProtocol
import Foundation

/// Signs, sends and sends again.
final class Sender: Sendable {
  let endpoints: AWSEndpoints
  let clock = ServiceClock()
  let options: AWSClientOptions
  private let http: HTTPClient

  init(_ endpoints: AWSEndpoints, _ options: AWSClientOptions) {
    self.endpoints = endpoints
    self.options = options
    http = HTTPClient(
      HTTPClient.Configuration(
        authorities: options.caFile, proxy: options.proxy, timeouts: options.timeouts,
        connectionsPerHost: options.connectionsPerHost, http2: false, userAgent: options.userAgent))
  }

  /// Sends a call until it is answered with 2xx, or another attempt is of no use.
  ///
  /// - Parameter source: The keys to sign with; nil sends it unsigned.
  func send(_ call: Call, _ source: (any CredentialsSource)?) async throws(AWSError) -> AWSResponse {
    let begin = ContinuousClock.now
    var attempt = 1
    // A wrong clock and refused keys are each corrected once, and count as no attempt.
    var corrections: Set<Correction> = []
    while true {
      if Task.isCancelled { throw .cancelled(call) }
      let keys = try await keys(source)
      let shift = clock.correction
      let (error, response) = await once(call, keys, shift)
      guard let error else {
        guard let response else { throw .cancelled(call) }
        return response
      }
      if let keys, let correction = await correct(error, keys, shift, source), corrections.insert(correction).inserted {
        continue
      }
      guard error.isRetryable, call.retry == .standard,
        let wait = options.retry.wait(
          after: attempt, asked: response.flatMap { HTTPResponse(status: $0.status, headers: $0.headers).retryAfter() },
          elapsed: .now - begin)
      else { throw error }
      do { try await Task.sleep(for: wait) } catch { throw .cancelled(call) }
      attempt += 1
    }
  }

  private enum Correction { case clock, keys }

  private func keys(_ source: (any CredentialsSource)?) async throws(AWSError) -> AWSCredentials? {
    guard let source else { return nil }
    return try await source.credentials()
  }

  /// Sees to what makes the same call succeed: the clock, or other keys.
  private func correct(
    _ error: AWSError, _ used: AWSCredentials, _ shift: TimeInterval, _ source: (any CredentialsSource)?
  ) async -> Correction? {
    if error.mayBeClock, clock.correct(shift) { return .clock }
    guard error.mayBeKeys, let source else { return nil }
    await source.rejected(used)
    guard let other = try? await source.credentials(), other != used else { return nil }
    return .keys
  }

  /// One attempt: an error, and the answer where one came.
  ///
  /// - Parameter shift: What the time of the signature is corrected by, in seconds.
  private func once(
    _ call: Call, _ keys: AWSCredentials?, _ shift: TimeInterval
  ) async -> (AWSError?, AWSResponse?) {
    let target = call.target(endpoints)
    var headers = HTTPHeaders()
    for (name, value) in call.headers { headers.add(name, value) }
    if let keys {
      let signer = SigV4(service: call.service, region: endpoints.signingRegion(call.service))
      let request = SigV4.Request(
        method: call.method, host: target.host, path: target.path, query: call.query, headers: call.headers,
        payload: call.payload(secure: target.base.hasPrefix("https:")))
      for (name, value) in signer.headers(request, keys, at: Date() + shift) { headers.add(name, value) }
    }
    let query = call.query.isEmpty ? "" : "?" + PercentEncoding.query(call.query)
    do {
      let answer = try await http.send(
        HTTPRequest(
          call.method, target.base + target.path + query, headers: headers, body: try call.httpBody(),
          responseLimit: call.responseLimit))
      clock.observe(answer)
      let response = AWSResponse(
        status: answer.status, headers: answer.headers, body: answer.body,
        requestId: answer.headers["x-amzn-RequestId"] ?? answer.headers["x-amz-request-id"])
      return (AWSError.reading(response, of: call, hiding: keys), response)
    } catch let failure as HTTPFailure {
      return (.transport(failure, call), nil)
    } catch is CancellationError {
      return (.cancelled(call), nil)
    } catch {
      return (.body("\(error)", call), nil)
    }
  }
}
