import ConnectorProtocol

/// A machine that is made gets other controllers and network interfaces, once, and those that it had.
enum PromotionRules {
  static let noChoice = "the document has one bootable controller and one network interface: there is nothing to change"

  /// The document, where it announces `machine/promote` and the endpoint has it.
  static func announced(_ bench: Bench) throws -> CapabilityDocument {
    let document = try bench.knownDocument()
    let here = bench.overlay?["methods"]?.arrayValue?.compactMap(\.stringValue) ?? document.methods
    guard here.contains(MachinePromote.method) else { throw RuleSkip("\(MachinePromote.method) is not announced") }
    return document
  }

  static func run(_ bench: Bench, _ state: () throws -> (TrialJob, RestoreRules.Done, Conversation)) {
    let long = bench.patience.operation
    bench.rule("R8.9") {
      let document = try announced(bench)
      let (trial, done, conversation) = try state()
      guard let other = trial.plan.otherHardware(document) else { throw RuleSkip(noChoice) }
      let (machine, first) = (done.created.machine, trial.plan.request.hardware.devices)
      let before = try trial.find(conversation)

      let promoted = try conversation.call(trial.promote(machine, other), seconds: long)
      try require(
        promoted.changed && promoted.hardware == other && promoted.previous == first,
        "from \(first) to \(other), it answers \(promoted)")
      let repeated = try conversation.call(trial.promote(machine, other, attempt: 2), seconds: long)
      try require(repeated == promoted, "machine/promote repeated gives another result")
      let anew = try trial.opened()
      let again = try anew.call(trial.promote(machine, other, attempt: 3), seconds: long)
      try require(
        !again.changed && again.hardware == other, "sent again to a new process it is answered with \(again)")

      let back = try anew.call(trial.promote(machine, first, "promote back"), seconds: long)
      try require(
        back.changed && back.hardware == first && back.previous == other, "back to \(first), it answers \(back)")
      let after = try trial.find(anew)
      try require(after.names == before.names, "before: \(before.names); after: \(after.names)")
    }
    bench.rule("R8.10") {
      _ = try announced(bench)
      let (trial, done, conversation) = try state()
      let (machine, first) = (done.created.machine, trial.plan.request.hardware.devices)
      let strange = MachineHardware(
        controllers: first.controllers.map { _ in "no-such-controller" }, nicModel: first.nicModel)
      let request = try trial.promote(machine, strange, "promote to what is not there")
      let error = try conversation.refused(
        MachinePromote.method, conversation.parameters(request), .mappingInvalid)
      try require(error.outcome == .none, "its outcome is \(error.outcome), not none")
      let left = try conversation.call(trial.promote(machine, first, "promote to what it has"), seconds: long)
      try require(!left.changed, "the machine was changed all the same: \(left.previous)")
    }
  }
}
