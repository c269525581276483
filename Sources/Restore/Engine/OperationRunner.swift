import ConnectorProtocol
import Connectors
import Support

/// Sends the requests that change something on the platform, each under an operation id that outlives this process.
struct OperationRunner: Sendable {
  let job: String
  let store: Store
  let session: OpenSession
  let board: JobBoard
  /// Repeats of one operation before a passing trouble counts as lasting.
  private let maxRepeats = 5

  init(job: String, store: Store, session: OpenSession, board: JobBoard) {
    self.job = job
    self.store = store
    self.session = session
    self.board = board
  }

  /// Carries out the operation called `name` in this job, or returns what an earlier attempt was answered.
  ///
  /// - Parameters:
  ///   - deadline: The clocks it is under.
  ///   - began: Called with the operation's id before it is sent.
  ///   - make: The request for an operation and the newest checkpoint of an earlier attempt.
  func perform<R: MutatingRequest>(
    _ name: String, deadline: CallDeadline = CallDeadline(), began: (OperationID) -> Void = { _ in },
    _ make: (ConnectorProtocol.Operation, _ checkpoint: String?) -> R
  ) async throws -> R.Result {
    let digest = try OperationDigest.compute(for: make(.undecided, nil))
    var repeats = 0
    while true {
      let record = try store.beginOperation(job: job, name: name, method: R.method, digest: digest)
      if let result = record.result { return try result.decode(R.Result.self) }
      let operation = ConnectorProtocol.Operation(
        id: OperationID(record.id), attempt: record.attempt, digest: digest)
      began(operation.id)
      let checkpoint = try store.newestCheckpoint(of: record.id)
      if let checkpoint {
        board.log(.info, "job", "\(name) is taken up again after \(Format.bytes(checkpoint.through))")
      }
      do {
        let result = try await session.call(make(operation, checkpoint?.token), deadline: deadline)
        try store.finishOperation(record.id, result: JSONValue.encoding(result))
        return result
      } catch let error as ConnectorError where error.retryable && error.reason != .cancelled && repeats < maxRepeats {
        repeats += 1
        if error.retry.policy == .withoutCheckpoint { try store.dropCheckpoints(of: record.id) }
        let pause = Double(error.retry.afterMs ?? (250 << repeats)) / 1000
        board.log(.warning, "job", "\(name): \(error.message). Again in \(Format.duration(seconds: pause))")
        try await Task.sleep(for: .seconds(pause * Double.random(in: 0.8...1.2)))
      }
    }
  }
}
