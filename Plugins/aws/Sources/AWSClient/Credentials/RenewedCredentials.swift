import Foundation

/// Keeps keys, and gets others before they expire; whoever asks meanwhile waits for the one request underway.
actor RenewedCredentials: CredentialsSource {
  /// Keys are renewed that long before their end, but for those whose whole life is shorter.
  private static let margin: TimeInterval = 600
  /// A service that gives the same keys again, as containers do, is not asked at every request.
  private static let pause: TimeInterval = 60

  private let fetch: @Sendable () async -> Result<AWSCredentials, AWSError>
  private let now: @Sendable () -> Date
  private var kept: AWSCredentials?
  private var renewAt = Date.distantFuture
  private var underway: Task<Result<AWSCredentials, AWSError>, Never>?

  init(
    now: @escaping @Sendable () -> Date = { Date() },
    fetch: @escaping @Sendable () async throws(AWSError) -> AWSCredentials
  ) {
    self.now = now
    self.fetch = {
      do throws(AWSError) { return .success(try await fetch()) } catch { return .failure(error) }
    }
  }

  func credentials() async throws(AWSError) -> AWSCredentials {
    if let kept, now() < renewAt { return kept }
    let result = await renewed()
    // Keys that still hold are used until the last moment where no others can be had.
    if case .failure = result, let kept, let end = kept.expiresAt, now() < end { return kept }
    return try result.get()
  }

  func rejected(_ credentials: AWSCredentials) {
    if kept == credentials { kept = nil }
  }

  /// Runs apart from whoever asks: the cancellation of one of them is none of the others'.
  private func renewed() async -> Result<AWSCredentials, AWSError> {
    if let underway { return await underway.value }
    let task = Task { [fetch] in await fetch() }
    underway = task
    let result = await task.value
    underway = nil
    let now = now()
    if case .success(let credentials) = result {
      kept = credentials
      renewAt = credentials.expiresAt.map { Self.renewal(now, expiry: $0) } ?? .distantFuture
    } else {
      renewAt = min(now.addingTimeInterval(Self.pause), kept?.expiresAt ?? .distantFuture)
    }
    return result
  }

  private static func renewal(_ now: Date, expiry: Date) -> Date {
    let life = expiry.timeIntervalSince(now)
    let early = expiry.addingTimeInterval(-min(margin, life / 3))
    return max(early, min(now.addingTimeInterval(pause), expiry.addingTimeInterval(-life / 3)))
  }
}

/// Keys that last.
package struct FixedCredentials: CredentialsSource {
  let keys: AWSCredentials

  package init(keys: AWSCredentials) {
    self.keys = keys
  }

  package func credentials() -> AWSCredentials { keys }
  package func rejected(_ credentials: AWSCredentials) {}
}
