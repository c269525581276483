/// The idempotency key of a request that changes something, and the digest of the parameters it stands for.
///
/// Same id and digest: the connector continues, or returns the result it has. Same id, another digest:
/// `operationConflict`.
public struct Operation: Codable, Hashable, Sendable {
  public var id: OperationID
  /// 1 for the first time that the host sends it, one more each time after.
  public var attempt: Int
  /// SHA-256, hexadecimal, of the canonical parameters without `op`, `_meta`, `checkpoint`, and without `location` and
  /// `certificateSHA256` of `source`: an export has another address each time. The host computes it; the connector only
  /// compares it.
  public var digest: String

  public init(id: OperationID, attempt: Int, digest: String) {
    self.id = id
    self.attempt = attempt
    self.digest = digest
  }
}

/// What every request may carry under `_meta`: the clocks it is under, and the job it belongs to.
public struct RequestMeta: Codable, Hashable, Sendable {
  /// Absolute: the host gives up so many milliseconds after it sent the request.
  public var deadlineMs: Int?
  /// Idle: reset by each progress of the operation.
  public var idleMs: Int?
  public var job: JobID?

  public init(deadlineMs: Int? = nil, idleMs: Int? = nil, job: JobID? = nil) {
    self.deadlineMs = deadlineMs
    self.idleMs = idleMs
    self.job = job
  }
}
