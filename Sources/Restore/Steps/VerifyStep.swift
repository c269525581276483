import ConnectorProtocol
import Connectors
import Support

/// Does the machine live? The checks that need nothing to be told, of those that the connector offers.
struct VerifyStep {
  let context: JobContext
  let session: OpenSession
  let machine: MachineReference

  /// The screenshot last: it shows what the machine came to.
  private static let kinds = ["powered", "bootlog", "screenshot"]

  struct Outcome: Codable, Sendable {
    var results: [MachineVerify.CheckResult]
  }

  /// - Throws: `machine.notVerified` naming the check that failed and what was seen.
  func run() async throws -> Outcome {
    let offered = Set(session.document.verify)
    let checks = Self.kinds.filter(offered.contains).map { MachineVerify.Check(kind: $0) }
    guard !checks.isEmpty else {
      context.board.log(.warning, "job", "The connector offers no check that the machine lives")
      return Outcome(results: [])
    }
    // A check is worth what it sees now: an answer of an earlier attempt is none.
    let answer = try await context.operations(session).perform(
      "machine/verify \(context.job.attempt) \(TimeOrderedUUID.make())",
      deadline: CallDeadline(idle: .seconds(180), absolute: .seconds(1800))
    ) { operation, _ in
      MachineVerify(op: operation, job: context.jobID, machine: machine, checks: checks, timeoutMs: 900_000)
    }
    for result in answer.results {
      let verdict = result.pass ? "passed" : result.inconclusive == true ? "could not tell" : "failed"
      context.board.log(
        result.pass ? .info : .warning, "verify", "\(result.kind) \(verdict): \(result.detail)")
    }
    if let failed = answer.results.first(where: { !$0.pass && $0.inconclusive != true }) {
      throw AscendError(
        "machine.notVerified", "The machine was made and does not pass the check \(failed.kind)",
        object: machine.name, cause: failed.detail,
        remedy: failed.evidence.map { "See \($0); --keep-on-failure leaves the machine for a closer look" })
    }
    return Outcome(results: answer.results)
  }
}
