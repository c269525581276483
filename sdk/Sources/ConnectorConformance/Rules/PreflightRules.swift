import ConnectorProtocol
import Foundation

/// Planning: answers without effects.
enum PreflightRules {
  static func run(_ bench: Bench) {
    let started = Result { () -> (Conversation, TrialJob) in
      let conversation = try bench.opened()
      return (conversation, try TrialJob(bench, on: conversation))
    }
    defer { if case .success((_, let trial)) = started { trial.cleanUp() } }
    bench.rule("R7.1") {
      let (conversation, trial) = try started.get()
      let result = try trial.preflight(conversation)
      try require(result.disks.map(\.index) == [0], "there is not one verdict for the one disk")
      let size = result.disks[0].effectiveSizeBytes
      try require(size >= trial.plan.sizeBytes, "the disk would have \(size) of \(trial.plan.sizeBytes) bytes")
      if let step = trial.plan.form.roundTo, step > 0, size % step != 0 {
        throw RuleFailure("the effective size \(size) is no multiple of roundTo, \(step)")
      }
    }
    bench.rule("R7.2") {
      let (conversation, trial) = try started.get()
      if trial.verdict == nil { try trial.preflight(conversation) }
      let entries = conversation.notifications(LedgerNotification.self)
      try require(entries.isEmpty, "preflight makes ledger entries")
      let found = try trial.find(conversation)
      try require(found.isEmpty, "after preflight there are \(found.names)")
    }
    bench.rule("R7.3") {
      let (conversation, trial) = try started.get()
      let plan = try (trial.verdict ?? trial.preflight(conversation)).plan
      let digest = try SHA256.hex(CanonicalJSON.encode(plan.state))
      try require(plan.digest == digest, "the digest is \(plan.digest), that of the canonical state \(digest)")
    }
    bench.rule("R7.4") {
      let (conversation, trial) = try started.get()
      guard let limit = trial.plan.form.maxBytes else { throw RuleSkip("the disk form has no maxBytes") }
      var request = trial.plan.request
      let step = max(512, trial.plan.form.roundTo ?? 512)
      request.disks[0].sizeBytes = (limit / step + 1) * step
      request.machine.disks[0].sizeBytes = request.disks[0].sizeBytes
      let id = try conversation.ask(PlanPreflight.method, conversation.parameters(request))
      let answer = try conversation.answer(id, seconds: bench.patience.operation, PlanPreflight.method)
      if answer.error != nil {
        try conversation.refused(by: answer, .diskUnsupported, "a disk of \(request.disks[0].sizeBytes) bytes")
        return
      }
      let result = try conversation.result(of: PlanPreflight.self, answer)
      let refused = result.disks.contains { !$0.accepted } || result.diagnostics.contains { $0.severity == .blocker }
      try require(refused, "a disk of \(request.disks[0].sizeBytes) bytes is accepted")
    }
    bench.rule("R4.4") {
      let (conversation, trial) = try started.get()
      var request = trial.plan.request
      request.machine.controllers[0].bus = "bus-of-the-future"
      if !request.machine.nics.isEmpty { request.machine.nics[0].model = "model-of-the-future" }
      request.machine.guest = MachineDescription.GuestSystem(family: "family-of-the-future")
      request.guest?.distribution = "distribution-of-the-future"
      let result = try conversation.call(request, seconds: bench.patience.operation)
      let blocker = result.diagnostics.first { $0.severity == .blocker }
      try require(blocker == nil, "unknown words block the plan: \(blocker?.summary ?? "")")
    }
  }
}
