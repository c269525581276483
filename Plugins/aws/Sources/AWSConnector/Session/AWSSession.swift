public import ConnectorKit
public import ConnectorProtocol
import Foundation

/// A conversation about one account in one region.
public struct AWSSession: ConnectorSession {
  let account: Account
  private let sources = OpenSources()

  init(account: Account) { self.account = account }

  private var region: String { account.settings.region }

  public func check(_ request: SessionCheck) async throws -> SessionCheck.Result {
    let missing = try await Failure.translating("Checking the account", outcome: .none) {
      _ = try await account.identity(asking: account.api)
      return try await PermissionCheck(account: account).run()
    }
    let state: SessionCheck.State = missing.contains { $0.severity == .blocker } ? .degraded : .ready
    return SessionCheck.Result(state: state, diagnostics: missing + ClockCheck.warnings(account))
  }

  public func list(_ request: InventoryList) async throws -> InventoryList.Result {
    try await Inventory(account: account).list(request)
  }

  public func suggest(_ request: SizingSuggest) async throws -> SizingSuggest.Result {
    try await Sizing(account: account).suggest(request.machine)
  }

  public func preflight(_ request: PlanPreflight) async throws -> PlanPreflight.Result {
    try await Preflight(request: request, account: account).run()
  }

  public func estimate(_ request: PlanEstimate) async throws -> PlanEstimate.Result {
    Estimate.make(try PlanState.read(request.plan))
  }

  // MARK: Disks

  public func prepare(_ request: DiskPrepare, _ operation: OperationContext) async throws -> DiskPrepare.Result {
    let plan = try PlanState.read(request.plan, job: request.job, region: region)
    let disk = try plan.disk(request.index)
    guard plan.delivery == .ebs else {
      // Where it goes in the bucket depends on its content, which comes with it.
      return DiskPrepare.Result(
        target: ["index": .integer(Int64(disk.index))], ingest: DiskPrepare.Ingest(want: "nbd", parallel: 4))
    }
    let work = SnapshotWork(account: account, plan: plan, disk: disk)
    let snapshot = try await Failure.translating("Preparing disk \(disk.index)") { try await work.ensure(operation) }
    return DiskPrepare.Result(
      target: ["index": .integer(Int64(disk.index)), "snapshot": .string(snapshot.id)],
      ingest: DiskPrepare.Ingest(want: "nbd", requestBytes: EBS.blockBytes, parallel: 8))
  }

  public func receive(_ request: DiskReceive, _ operation: OperationContext) async throws -> DiskReceive.Result {
    let plan = try PlanState.read(request.plan, job: request.job, region: region)
    let disk = try plan.disk(request.index)
    let work = SnapshotWork(account: account, plan: plan, disk: disk)
    return plan.delivery == .import
      ? try await ImportReceiver(work: work, request: request).run(operation)
      : try await SnapshotReceiver(work: work, request: request).run(operation)
  }

  // MARK: The machine

  public func create(_ request: MachineCreate, _ operation: OperationContext) async throws -> MachineCreate.Result {
    let plan = try PlanState.read(request.plan, job: request.job, region: region)
    var snapshots: [Int: String] = [:]
    for disk in request.disks {
      guard let index = disk["index"]?.integerValue, let snapshot = disk["snapshot"]?.stringValue else { continue }
      snapshots[Int(clamping: index)] = snapshot
    }
    guard snapshots.count == request.disks.count, Set(snapshots.keys) == Set(plan.disks.map(\.index)) else {
      throw ConnectorError(
        .invalidParams, "The disks are not those of the plan: \(plan.disks.map(\.index)).",
        remedy: "Give what disk/receive answered for each disk of the plan.", outcome: .none)
    }
    let image =
      plan.importsImage
      ? try await ImageImport(account: account, plan: plan, every: account.importPause).ensure(snapshots, operation)
      : try await ImageWork(ec2: account.ec2, plan: plan).ensure(snapshots, operation)
    let instance = try await Launch(ec2: account.ec2, plan: plan).run(image, snapshots, operation)
    return MachineCreate.Result(
      machine: MachineReference(id: instance.id, name: plan.name, location: "\(plan.region)/\(plan.zone)"))
  }

  public func configure(
    _ request: MachineConfigure, _ operation: OperationContext
  ) async throws -> MachineConfigure.Result {
    let plan = try PlanState.read(request.plan, job: request.job, region: region)
    return try await MachineWork(account: account).configure(plan, request)
  }

  public func power(_ request: MachinePower, _ operation: OperationContext) async throws -> MachinePower.Result {
    try await MachineWork(account: account).power(request, operation)
  }

  public func verify(_ request: MachineVerify, _ operation: OperationContext) async throws -> MachineVerify.Result {
    try await MachineWork(account: account).verify(request, operation)
  }

  // MARK: Snapshots as a source

  public func openSource(_ request: SourceOpen) async throws -> SourceOpen.Result {
    try await sources.open(request, account)
  }

  public func closeSource(_ request: SourceClose) async throws -> SourceClose.Result {
    await sources.close(request.folder)
    return Empty()
  }

  public func close() async { await sources.closeAll() }

  // MARK: What a job made

  public func commit(_ request: JobCommit, _ operation: OperationContext) async throws -> JobCommit.Result {
    try await ResourceWork(account: account).commit(request, operation)
  }

  public func find(_ request: ResourcesFind) async throws -> ResourcesFind.Result {
    guard NameRule.acceptsJob(request.job.rawValue) else { return ResourcesFind.Result(resources: []) }
    return ResourcesFind.Result(resources: try await ResourceWork(account: account).find(request.job))
  }

  public func delete(
    _ request: ResourcesDelete, _ operation: OperationContext
  ) async throws -> ResourcesDelete.Result {
    let work = ResourceWork(account: account)
    return try await operation.deleting(request.resources) { try await work.delete($0, request.job) }
  }
}
