import ConnectorProtocol
import Foundation

/// A transfer that takes its time: watched, cancelled, killed, taken up again, robbed of its source.
enum TransferRules {
  /// What a transfer takes that nobody interrupts: every one is interrupted long before.
  private static let seconds = 8.0
  private static let firstBytesSeconds = 3.0
  private static let checkpointSeconds = 3.0

  /// A transfer that runs: its request's id, and its parameters to send again.
  private struct Running {
    var trial: TrialJob
    var conversation: Conversation
    var target: JSONValue
    var source: DiskSource
    var id: RequestID
  }

  private static func start(_ bench: Bench, keep: (TrialJob) -> Void) throws -> Running {
    let conversation = try bench.opened()
    let trial = try TrialJob(bench, on: conversation)
    keep(trial)
    try trial.preflight(conversation)
    let target = try conversation.call(trial.prepare(), seconds: bench.patience.operation).target
    let source = try trial.offer(bytesPerSecond: Double(trial.disk.dataBytes) / seconds)
    let id = try begin(trial, conversation, target, source, attempt: 1)
    return Running(trial: trial, conversation: conversation, target: target, source: source, id: id)
  }

  /// Sends `disk/receive` and waits, not for long, until bytes move.
  private static func begin(
    _ trial: TrialJob, _ conversation: Conversation, _ target: JSONValue, _ source: DiskSource, attempt: Int,
    checkpoint: String? = nil
  ) throws -> RequestID {
    let request = try trial.receive(target, source, checkpoint: checkpoint, attempt: attempt)
    let id = try conversation.ask(DiskReceive.method, conversation.parameters(request))
    let deadline = Date(timeIntervalSinceNow: firstBytesSeconds)
    while Date() < deadline {
      let told = conversation.notifications(ProgressNotification.self)
      if told.contains(where: { $0.op == request.op.id && $0.done > 0 }) { break }
      Thread.sleep(forTimeInterval: 0.05)
    }
    return id
  }

  private static func isAnswered(_ running: Running) -> Bool {
    running.conversation.all.contains { $0.envelope.kind == .response && $0.envelope.id == running.id }
  }

  private static func stillRunning(_ running: Running) throws {
    guard isAnswered(running) else { return }
    if running.trial.plan.access == "nbd" { throw RuleFailure("the transfer ended before its source was read") }
    throw RuleSkip("the transfer of a file ended before it could be interrupted")
  }

  // MARK: Interrupted

  static func interrupted(_ bench: Bench) {
    var trial: TrialJob?
    defer { trial?.cleanUp() }
    let started = Result { try start(bench) { trial = $0 } }
    func running() throws -> Running {
      do { return try started.get() } catch let failure as RuleFailure {
        throw RuleSkip("needs a transfer that runs: \(failure.text)")
      }
    }
    bench.rule("R3.7") {
      let running = try running()
      try stillRunning(running)
      _ = try running.conversation.call(Ping(), seconds: 2)
    }
    bench.rule("R8.6") {
      let running = try running()
      try stillRunning(running)
      let again = try running.trial.receive(running.target, running.source, attempt: 2)
      let parameters = try running.conversation.parameters(again)
      try running.conversation.refused(DiskReceive.method, parameters, .operationInProgress)
    }
    bench.rule("R9.4") {
      let running = try running()
      try stillRunning(running)
      try running.conversation.notify(CancelNotification(id: .string("never-sent")))
      _ = try running.conversation.call(Ping())
      try stillRunning(running)
    }
    let cancelled = Result { try cancel(running(), bench) }
    bench.rule("R9.3") { _ = try cancelled.get() }
    resumed(bench, running, cancelled)
  }

  private static func cancel(_ running: Running, _ bench: Bench) throws -> ConnectorError {
    let conversation = running.conversation
    if try bench.knownDocument().resumable.contains(DiskReceive.method) {
      let deadline = Date(timeIntervalSinceNow: checkpointSeconds)
      while Date() < deadline {
        let newest = conversation.notifications(CheckpointNotification.self).last
        if let newest, newest.through > 1 << 20 { break }
        Thread.sleep(forTimeInterval: 0.05)
      }
    }
    try stillRunning(running)
    try conversation.notify(CancelNotification(id: running.id, reason: "the kit cancels"))
    let answer = try conversation.answer(running.id, seconds: bench.patience.cancel, "a cancelled disk/receive")
    return try conversation.refused(by: answer, .cancelled, "a cancelled disk/receive")
  }

  private static func resumed(
    _ bench: Bench, _ running: () throws -> Running, _ cancelled: Result<ConnectorError, any Error>
  ) {
    let long = bench.patience.operation
    func checkpoint() throws -> CheckpointNotification? {
      try running().conversation.notifications(CheckpointNotification.self).last
    }
    func token() throws -> String {
      guard let token = try (try? cancelled.get())?.checkpoint ?? checkpoint()?.token else {
        throw RuleSkip("no checkpoint came")
      }
      return token
    }
    func resumable() throws -> Bool { try bench.knownDocument().resumable.contains(DiskReceive.method) }

    var fresh: Conversation?
    func refuse(_ checkpoint: String, _ generation: String, _ reason: ErrorReason, _ step: String) throws {
      let running = try running()
      guard try resumable() else { throw RuleSkip("disk/receive is not resumable") }
      if fresh == nil { running.conversation.finish() }
      let conversation = try fresh ?? running.trial.opened()
      fresh = conversation
      let source = try running.trial.offer(generation: generation)
      let request = try running.trial.stamped(
        running.trial.receive(running.target, source, checkpoint: checkpoint), step)
      let id = try conversation.ask(DiskReceive.method, conversation.parameters(request))
      let answer = try conversation.answer(id, seconds: long, DiskReceive.method)
      try conversation.refused(by: answer, reason, "such a checkpoint")
    }
    bench.rule("R9.7") { try refuse("bm90IGEgY2hlY2twb2ludA==", "generation-1", .staleCheckpoint, "receive-stale") }
    bench.rule("R9.8") { try refuse(token(), "generation-2", .sourceChanged, "receive-changed") }
    bench.rule("R9.5") {
      let running = try running()
      running.conversation.finish()
      fresh?.finish()
      running.trial.withdrawSource()
      let conversation = try running.trial.opened()
      let known = try? token()
      let source = try running.trial.offer()
      let again = try running.trial.receive(running.target, source, checkpoint: resumable() ? known : nil, attempt: 2)
      let result = try conversation.call(again, seconds: long)
      let digest = result.digest ?? running.trial.disk.digest
      try require(digest == running.trial.disk.digest, "resumed, the content digest is \(digest)")
      guard try resumable() else { return }
      try require(known != nil, "disk/receive is resumable, and a cancelled one gives no checkpoint")
      let through = try checkpoint()?.through ?? 0
      if let whole = bench.wholeTransferBytes, let read = running.trial.bytesServed, through > 1 << 20 {
        try require(read < whole, "\(through) bytes were durable, and all \(read) were read again")
      }
    }
  }

  // MARK: Killed

  static func killed(_ bench: Bench) {
    var trial: TrialJob?
    defer { trial?.cleanUp() }
    let started = Result { try start(bench) { trial = $0 } }
    bench.rule("R1.5") {
      let running = try started.get()
      try stillRunning(running)
      running.conversation.closeInput()
      let end = running.conversation.waitForEnd(seconds: bench.patience.exit)
      try require(end != nil, "it still runs \(Conversation.text(bench.patience.exit)) s after its input has ended")
    }
    bench.rule("R9.6") {
      let running = try started.get()
      running.conversation.kill()
      let second = try running.trial.opened()
      let slow = try running.trial.offer(bytesPerSecond: Double(running.trial.disk.dataBytes) / seconds)
      let newest = try resumePoint(running.conversation, bench)
      _ = try begin(running.trial, second, running.target, slow, attempt: 2, checkpoint: newest)
      second.kill()
      let third = try running.trial.opened()
      let checkpoint = try resumePoint(second, bench) ?? newest
      let long = bench.patience.operation
      let request = try running.trial.receive(
        running.target, running.trial.offer(), checkpoint: checkpoint, attempt: 3)
      let received = try third.call(request, seconds: long)
      let digest = received.digest ?? running.trial.disk.digest
      try require(digest == running.trial.disk.digest, "after two kills the content digest is \(digest)")
      _ = try third.call(running.trial.create(received.disk), seconds: long)
      let announced = Set(running.trial.ledger.map(\.resource.key))
      let extra = try running.trial.find(third).filter { !announced.contains($0.key) }
      try require(extra.isEmpty, "after two kills there are, unannounced: \(extra.names)")
    }
  }

  private static func resumePoint(_ conversation: Conversation, _ bench: Bench) throws -> String? {
    guard try bench.knownDocument().resumable.contains(DiskReceive.method) else { return nil }
    return conversation.notifications(CheckpointNotification.self).last?.token
  }

  // MARK: Source lost

  static func sourceLost(_ bench: Bench) {
    var trial: TrialJob?
    defer { trial?.cleanUp() }
    bench.rule("R9.9") {
      let running = try start(bench) { trial = $0 }
      guard running.trial.plan.access == "nbd" else { throw RuleSkip("the disk is taken as a file") }
      try stillRunning(running)
      running.trial.withdrawSource()
      let patience = max(30, bench.patience.answer)
      let answer = try running.conversation.answer(running.id, seconds: patience, "disk/receive without its source")
      try running.conversation.refused(by: answer, .sourceUnavailable, "disk/receive without its source")
    }
  }
}
