import ConnectorProtocol
import Connectors
import Support

/// Does the machine live? The checks that need nothing to be told, of those that the connector offers.
struct VerifyStep {
  let operations: OperationRunner
  let board: JobBoard
  let session: OpenSession
  let machine: MachineReference

  /// The screenshot last: it shows what the machine came to.
  static let kinds = ["powered", "bootlog", "screenshot"]

  struct Outcome: Codable, Sendable {
    var results: [MachineVerify.CheckResult]
  }

  /// - Throws: `machine.notVerified` naming the check that failed and what was seen.
  func run() async throws -> Outcome {
    let results = try await look()
    if let failed = results.first(where: \.isFailure) {
      throw AscendError(
        "machine.notVerified", "The machine was made and does not pass the check \(failed.kind)",
        object: machine.name, cause: failed.detail,
        remedy: failed.evidence.map { "See \($0); --keep-on-failure leaves the machine for a closer look" })
    }
    return Outcome(results: results)
  }

  /// What the connector's checks see, without a judgement.
  func look() async throws -> [MachineVerify.CheckResult] {
    let offered = Set(session.document.verify)
    let kinds = Self.kinds.filter(offered.contains)
    guard !kinds.isEmpty else {
      board.log(.warning, "job", "The connector offers no check that the machine lives")
      return []
    }
    let results = try await ask(kinds, timeoutMs: 900_000)
    for result in results {
      let verdict = result.pass ? "passed" : result.inconclusive == true ? "could not tell" : "failed"
      board.log(result.pass ? .info : .warning, "verify", "\(result.kind) \(verdict): \(result.detail)")
    }
    return results
  }

  /// A check is worth what it sees now: an answer of an earlier attempt is none.
  func ask(_ kinds: [String], timeoutMs: Int) async throws -> [MachineVerify.CheckResult] {
    try await operations.perform(
      "machine/verify \(TimeOrderedUUID.make())",
      deadline: CallDeadline(idle: .seconds(180), absolute: .seconds(1800))
    ) { operation, _ in
      MachineVerify(
        op: operation, job: JobID(board.job), machine: machine, checks: kinds.map { MachineVerify.Check(kind: $0) },
        timeoutMs: timeoutMs)
    }.results
  }
}

extension MachineVerify.CheckResult {
  /// Neither passed nor in doubt.
  var isFailure: Bool { !pass && inconclusive != true }
}
