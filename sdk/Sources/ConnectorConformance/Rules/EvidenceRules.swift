import ConnectorProtocol
import Foundation

/// Rules about everything that was said during the run.
enum EvidenceRules {
  static func run(_ bench: Bench) {
    bench.rule("R1.7") {
      try bench.needEvidence()
      for line in bench.conversations.flatMap(\.strayLines) { throw RuleFailure("standard output holds: \(line)") }
    }
    bench.rule("R3.6") {
      try bench.needEvidence()
      for conversation in bench.conversations {
        let asked = Set(conversation.requests)
        let answered = conversation.all.filter { $0.envelope.kind == .response }.compactMap(\.envelope.id)
        for (id, count) in Dictionary(answered.map { ($0, 1) }, uniquingKeysWith: +) {
          try require(asked.contains(id), "an answer to request \(id), which was not sent")
          try require(count == 1, "request \(id) is answered \(count) times")
        }
      }
    }
    progress(bench)
    SecretRules.run(bench)
    ErrorRules.run(bench)
  }

  private static func progress(_ bench: Bench) {
    bench.rule("R9.1") {
      let all = bench.conversations.map { $0.notifications(ProgressNotification.self) }
      try require(all.contains { $0.contains { $0.done > 0 } }, "no progress came from any transfer")
      for told in all { try rising(told) }
    }
    bench.rule("R9.2") {
      try bench.needEvidence()
      for conversation in bench.conversations {
        var times: [OperationID: [Date]] = [:]
        for received in conversation.all {
          guard let told = notification(received.envelope, ProgressNotification.self) else { continue }
          times[told.op, default: []].append(received.at)
        }
        for (op, times) in times {
          // Arrival is less even than departure, and each phase may start at once: hence eight, not five.
          for (first, eighth) in zip(times, times.dropFirst(8)) where eighth.timeIntervalSince(first) < 1 {
            throw RuleFailure("operation \(op): more than eight in one second")
          }
        }
      }
    }
    bench.rule("R9.10") {
      var seen = false
      for conversation in bench.conversations {
        var through: [OperationID: Int64] = [:]
        for point in conversation.notifications(CheckpointNotification.self) {
          seen = true
          try require(
            point.token.utf8.count <= MessageLimits.maxCheckpointBytes, "a token has \(point.token.utf8.count) bytes")
          try require(point.through >= through[point.op] ?? 0, "through falls to \(point.through)")
          through[point.op] = point.through
        }
      }
      if !seen { throw RuleSkip("no checkpoint came") }
    }
  }

  private static func rising(_ told: [ProgressNotification]) throws {
    var newest: [OperationID: ProgressNotification] = [:]
    for one in told {
      if let total = one.total {
        try require(one.done <= total, "\(one.phase): \(one.done) of \(total) \(one.unit)")
      }
      if let before = newest[one.op] {
        try require(one.seq > before.seq, "\(one.phase): seq \(one.seq) after \(before.seq)")
        if one.phase == before.phase {
          try require(one.done >= before.done, "\(one.phase): done falls from \(before.done) to \(one.done)")
        }
      }
      newest[one.op] = one
    }
  }
}
