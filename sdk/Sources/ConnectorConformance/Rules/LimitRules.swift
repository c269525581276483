import ConnectorProtocol
import Foundation

/// A transfer that is told to go slowly, and then that it need not.
enum LimitRules {
  /// What the transfer would take at the limit.
  private static let seconds = 10.0
  /// For how long it is held to it.
  private static let watched = 2.0

  static func run(_ bench: Bench) {
    var trial: TrialJob?
    defer { trial?.cleanUp() }
    bench.rule("R9.11") {
      guard try bench.knownDocument().features.contains(LimitsNotification.feature) else {
        throw RuleSkip("the document has no feature \(LimitsNotification.feature)")
      }
      let conversation = try bench.opened()
      let job = try TrialJob(bench, on: conversation)
      trial = job
      guard job.plan.access == "nbd" else { throw RuleSkip("the disk is taken as a file") }
      try job.preflight(conversation)
      let target = try conversation.call(job.prepare(), seconds: bench.patience.operation).target
      let source = try job.offer()
      let pace = max(1, Int64(Double(job.disk.dataBytes) / seconds))
      try conversation.notify(LimitsNotification(bytesPerSecond: pace, connections: 2))
      let request = try job.receive(target, source)
      let id = try conversation.ask(DiskReceive.method, conversation.parameters(request))
      Thread.sleep(forTimeInterval: watched)
      let served = job.bytesServed ?? 0
      let answered = conversation.all.contains { $0.envelope.kind == .response && $0.envelope.id == id }
      // Twice what was allowed, and a few requests: what is asked for is not cut in pieces.
      let most = Int64(2 * watched * Double(pace)) + (4 << 20)
      try require(
        !answered && served <= most, "\(served) bytes were read in \(Int(watched)) s, at \(pace) a second")
      try conversation.notify(LimitsNotification())
      let lifted = Date()
      let answer = try conversation.answer(id, seconds: bench.patience.operation, DiskReceive.method)
      if let error = answer.error { throw RuleFailure("the transfer failed: \(error.message)") }
      let left = Double(job.disk.dataBytes - served) / Double(pace)
      try require(
        -lifted.timeIntervalSinceNow < left, "it went on at the same pace when the limit was lifted")
    }
  }
}
