import ConnectorProtocol
import Foundation

/// How the program starts and ends, and the document that it prints without being asked anything.
enum ProcessRules {
  static func offline(_ bench: Bench) {
    let described = Result { try bench.runOnce(["describe"]) }
    read(described, bench)
    bench.rule("R1.1") {
      let (output, end) = try described.get()
      try require(end == .exit(0), "describe ends with \(end)")
      try require(
        (try? JSONDecoder().decode(JSONValue.self, from: Data(output)).objectValue) != nil,
        "describe does not print one JSON object")
    }
    bench.rule("R1.2") {
      let (output, end) = try bench.runOnce(["--version"])
      try require(end == .exit(0), "--version ends with \(end)")
      let lines = String(decoding: output, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      try require(lines.count == 2 && !lines[0].isEmpty && lines[1].isEmpty, "--version prints not one line")
    }
    DocumentRules.offline(bench)
  }

  private static func read(_ described: Result<(output: [UInt8], end: ConnectorProcess.End), any Error>, _ bench: Bench)
  {
    do {
      bench.describeOutput = try described.get().output
      bench.document = try JSONDecoder().decode(CapabilityDocument.self, from: Data(bench.describeOutput))
      bench.documentProblem = ""
    } catch let failure as RuleFailure {
      bench.documentProblem = failure.text
    } catch {
      bench.documentProblem = Conversation.text(error)
    }
  }

  static func endings(_ bench: Bench) {
    bench.rule("R1.4") {
      let conversation = try bench.greeted()
      defer { conversation.kill() }
      conversation.closeInput()
      let end = conversation.waitForEnd(seconds: bench.patience.exit)
      try require(end != nil, "it still runs \(Conversation.text(bench.patience.exit)) s after its input has ended")
      try require(end == .exit(1), "it ends with \(end.map { "\($0)" } ?? "nothing")")
    }
    bench.rule("R1.6") {
      let conversation = try bench.opened()
      defer { conversation.kill() }
      let grace = min(30, Double(bench.document?.timing.graceMs ?? 5000) / 1000) + 1
      conversation.signal(SIGTERM)
      try require(
        conversation.waitForEnd(seconds: grace) != nil, "it still runs \(Conversation.text(grace)) s after SIGTERM")
    }
  }
}
