import AWSClient
import ConnectorProtocol

/// The errors of this connector, each with what to do.
enum Failure {
  static func noMachine(_ name: String, why: String) -> ConnectorError {
    ConnectorError(
      .notFound, "There is no machine '\(name)' of this job: \(why).",
      remedy: "Look into the EC2 console; restore the machine again if it was removed.", outcome: .none)
  }

  static func snapshotFailed(_ id: String, _ why: String?) -> ConnectorError {
    ConnectorError(
      .platformTaskFailed, "Snapshot \(id) is in the state error: \(why ?? "EBS does not say why").",
      remedy:
        "Restore again: this disk is sent anew. If a KMS key is used, check that this account may use it (kms:CreateGrant, kms:GenerateDataKeyWithoutPlaintext).",
      outcome: .partial)
  }

  static func waitedTooLong(_ what: String, _ state: String, minutes: Int) -> ConnectorError {
    ConnectorError(
      .platformUnavailable, "\(what) is still '\(state)' after \(minutes) minutes.",
      remedy: "Retry: it is taken up where it is now. Look at the AWS health dashboard if it happens again.",
      outcome: .partial)
  }

  static func turnsSpent(_ what: String, _ most: Int) -> ConnectorError {
    ConnectorError(
      .platformTaskFailed, "\(most) \(what) were begun by this job, and removed by somebody else.",
      remedy: "Find out who removes them, roll the restore back, and restore again.", outcome: .partial)
  }

  static func startAnew(_ disk: Int, _ why: String) -> ConnectorError {
    ConnectorError(
      .staleCheckpoint, "Disk \(disk) cannot be taken up where it was: \(why).",
      remedy: "Start this disk again, without its checkpoint.", outcome: .partial)
  }

  static func corrupt(_ what: String, _ why: String) -> ConnectorError {
    ConnectorError(
      .dataCorrupt, "\(what) is not what was sent: \(why).",
      remedy: "Restore again; report it if it happens again.", outcome: .partial)
  }

  /// Runs `body`; an error of AWS in it becomes one that says what was being done.
  static func translating<T>(
    _ what: String, outcome: Outcome = .unknown, isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> T
  ) async throws -> T {
    do { return try await body() } catch let error as AWSError {
      throw try self.error(error, doing: what, outcome: outcome)
    }
  }

  /// - Throws: `CancellationError` where that is what it was.
  static func error(_ error: AWSError, doing what: String, outcome: Outcome) throws -> ConnectorError {
    if error.isCancelled { throw CancellationError() }
    if let failure = error.transport { return transport(failure, error, doing: what, outcome: outcome) }
    let meaning = meaning(error)
    // A refusal has changed nothing.
    let refused = (400..<500).contains(error.status) && !error.isRetryable
    return ConnectorError(
      meaning.reason, "\(what): \(error.message) (\(error.code)).", remedy: meaning.remedy,
      outcome: refused && outcome == .unknown ? .none : outcome,
      provider: ConnectorError.ProviderError(
        code: error.code, httpStatus: error.status == 0 ? nil : error.status, requestID: error.requestId,
        message: error.message),
      details: meaning.reason == .permissionDenied ? ["missing": [.string(permission(error))]] : [:])
  }
}
