import ConnectorProtocol
import Foundation

/// One restore of the test disk: its plan, its operations' ids, and everything that was said about it.
final class TrialJob {
  let bench: Bench
  let job = JobID(TimeOrderedUUID.make())
  let plan: TrialPlan
  let disk: TestDisk
  private(set) var verdict: PlanPreflight.Result?
  private var operations: [String: OperationID] = [:]
  private var conversations: [Conversation] = []
  private var servers: [NBDServer] = []
  private var files = 0

  init(_ bench: Bench, on conversation: Conversation) throws {
    self.bench = bench
    plan = try TrialPlan(bench.knownDocument(), options: bench.options, job: job, on: conversation)
    disk = bench.testDisk(sizeBytes: plan.sizeBytes)
    conversations.append(conversation)
  }

  /// Another process for the same job.
  func opened() throws -> Conversation {
    let conversation = try bench.opened()
    conversations.append(conversation)
    return conversation
  }

  // MARK: Requests

  @discardableResult
  func preflight(_ conversation: Conversation) throws -> PlanPreflight.Result {
    let result = try conversation.call(plan.request, seconds: bench.patience.operation)
    if let blocker = result.diagnostics.first(where: { $0.severity == .blocker }) {
      throw RuleFailure("the plan is blocked: \(blocker.code): \(blocker.summary)")
    }
    if let refused = result.disks.first(where: { !$0.accepted }) {
      throw RuleFailure("disk \(refused.index) is not accepted: \(refused.why ?? "no reason is given")")
    }
    verdict = result
    return result
  }

  func planned() throws -> PlanPreflight.Plan {
    guard let verdict else { throw RuleSkip("needs an accepted plan") }
    return verdict.plan
  }

  func prepare(attempt: Int = 1) throws -> DiskPrepare {
    try stamped(DiskPrepare(op: Self.blank, job: job, plan: planned(), index: 0), "prepare", attempt)
  }

  func receive(
    _ target: JSONValue, _ source: DiskSource, checkpoint: String? = nil, attempt: Int = 1
  ) throws -> DiskReceive {
    let readBack = try bench.knownDocument().features.contains(DiskReceive.readBackFeature)
    let request = DiskReceive(
      op: Self.blank, job: job, plan: try planned(), index: 0, target: target, source: source, checkpoint: checkpoint,
      digest: true, readBack: readBack ? true : nil)
    return try stamped(request, "receive", attempt)
  }

  func create(_ disk: JSONValue, attempt: Int = 1) throws -> MachineCreate {
    try stamped(MachineCreate(op: Self.blank, job: job, plan: planned(), disks: [disk]), "create", attempt)
  }

  func configure(_ machine: MachineReference, attempt: Int = 1) throws -> MachineConfigure {
    let request = MachineConfigure(
      op: Self.blank, job: job, plan: try planned(), machine: machine, notes: "Made by ascend connectors verify")
    return try stamped(request, "configure", attempt)
  }

  /// - Parameter step: Tells one change of the hardware from another.
  func promote(
    _ machine: MachineReference, _ hardware: MachineHardware, _ step: String = "promote", attempt: Int = 1
  ) throws -> MachinePromote {
    let request = MachinePromote(
      op: Self.blank, job: job, plan: try planned(), machine: machine, hardware: hardware)
    return try stamped(request, step, attempt)
  }

  static let blank = ConnectorProtocol.Operation(id: OperationID(""), attempt: 1, digest: "")

  /// Gives the request the operation id of its step and the digest of its parameters.
  func stamped<R: MutatingRequest>(_ request: R, _ step: String, _ attempt: Int = 1) throws -> R {
    let id = operations[step] ?? OperationID(TimeOrderedUUID.make())
    operations[step] = id
    var request = request
    let digest = try OperationDigest.compute(for: request)
    request.op = ConnectorProtocol.Operation(id: id, attempt: attempt, digest: digest)
    return request
  }

  // MARK: The disk

  /// Offers the test disk in the planned way; `bytesPerSecond` only slows down what is read over NBD.
  func offer(bytesPerSecond: Double? = nil, generation: String = "generation-1") throws -> DiskSource {
    files += 1
    let location: String
    if plan.access == "nbd" {
      let server = try NBDServer(
        disk, at: "\(bench.workFolder)/\(job.short)-\(files).sock", bytesPerSecond: bytesPerSecond)
      servers.append(server)
      location = server.uri
    } else {
      location = "\(bench.workFolder)/\(job.short)-\(files).raw"
      try disk.write(to: location)
    }
    return DiskSource(
      kind: plan.access, location: location, format: plan.form.format, sizeBytes: disk.sizeBytes,
      generation: generation, movable: false)
  }

  /// What the newest source gave over NBD.
  var bytesServed: Int64? { servers.last?.bytesServed }

  func withdrawSource() { for server in servers { server.stop() } }

  // MARK: What was made

  var ledger: [LedgerNotification] {
    let ids = Set(operations.values)
    return conversations.flatMap { $0.notifications(LedgerNotification.self) }.filter { ids.contains($0.op) }
  }

  /// Resources announced as created and not as deleted since, in order of creation.
  var created: [Resource] {
    var made: [Resource] = []
    for entry in ledger {
      made.removeAll { $0.key == entry.resource.key }
      if entry.event == .created || entry.event == .changed { made.append(entry.resource) }
    }
    return made
  }

  func find(_ conversation: Conversation) throws -> [Resource] {
    try conversation.call(ResourcesFind(job: job), seconds: bench.patience.operation).resources
  }

  func delete(_ resources: [Resource], job other: JobID? = nil, on conversation: Conversation) throws
    -> [ResourcesDelete.Deletion]
  {
    let request = ResourcesDelete(op: Self.blank, job: other ?? job, resources: resources.deletionOrder)
    let step = "delete-\(operations.count)"
    return try conversation.call(stamped(request, step), seconds: bench.patience.operation).results
  }

  /// Takes away whatever is left, and ends every process of the job; what fails here is some rule's failure already.
  func cleanUp() {
    withdrawSource()
    for conversation in conversations { conversation.finish() }
    guard let conversation = try? opened() else { return }
    defer { conversation.finish() }
    for _ in 0..<3 {
      guard let left = try? find(conversation), !left.isEmpty else { return }
      guard (try? delete(left, on: conversation)) != nil else { return }
    }
  }
}

extension Resource {
  /// What names a resource: its kind and name.
  var key: String { "\(kind) \(name)" }
}

extension [Resource] {
  /// Those that nothing else depends on first.
  var deletionOrder: [Resource] {
    var left = self
    var ordered: [Resource] = []
    while !left.isEmpty {
      let index = left.lastIndex { candidate in
        !left.contains { $0.key != candidate.key && $0.dependsOn.contains(candidate.name) }
      }
      ordered.append(left.remove(at: index ?? left.count - 1))
    }
    return ordered
  }

  var names: String { map(\.key).sorted().joined(separator: ", ") }
}
