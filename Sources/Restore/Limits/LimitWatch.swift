import ConnectorProtocol
import Connectors
import Support

/// Tells a job's connector its limits, when the job starts and whenever they change, from whatever process.
struct LimitWatch: Sendable {
  private static let pause = Duration.seconds(1)

  let job: String
  let store: Store
  let state: StateDirectory
  let session: OpenSession
  let events: any ConnectorEvents

  /// What the job may take now.
  func current() throws(AscendError) -> LimitsNotification {
    let (limits, host, transferring) = try store.limits(of: job)
    // A job whose process was killed looks as if it went on; it takes no share.
    let others = host.bytesPerSecond == nil ? [] : transferring.filter { $0 != job }
    return host.share(
      for: limits, transferring: 1 + others.count { JobLock.isHeld(folder: state.jobFolder($0)) })
  }

  /// Tells them a first time, before anything moves.
  func begin() async throws(AscendError) -> LimitsNotification {
    let first = try current()
    if first != LimitsNotification() { await tell(first) }
    return first
  }

  /// Goes on until the task is cancelled.
  func run(after first: LimitsNotification) async {
    var told = first
    while (try? await Task.sleep(for: Self.pause)) != nil {
      // A moment in which the database cannot be read changes no limit.
      guard let now = try? current(), now != told else { continue }
      told = now
      await tell(now)
    }
  }

  private func tell(_ limits: LimitsNotification) async {
    session.limit(limits)
    let words = [
      limits.bytesPerSecond.map { Format.rate(bytesPerSecond: Double($0)) },
      limits.connections.map { "\($0) connections a disk" },
    ].compactMap { $0 }
    guard session.document.features.contains(LimitsNotification.feature) else {
      guard !words.isEmpty else { return }
      return await events.diagnostic(
        DiagnosticNotification(
          diagnostic: Diagnostic(
            severity: .warning, code: "limits.notKept",
            summary: "The connector does not keep to limits: \(words.joined(separator: ", ")) has no effect on it",
            action: "Ask its vendor for a version with the feature \(LimitsNotification.feature)")))
    }
    await events.log(
      level: "info",
      message: words.isEmpty
        ? "transfers are not limited any more" : "transfers are limited to \(words.joined(separator: ", "))")
  }
}
