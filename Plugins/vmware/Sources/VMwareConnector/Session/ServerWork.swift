import ConnectorKit
import ConnectorProtocol
import Foundation
import Synchronization

/// Restores onto vCenter or ESXi.
final class ServerWork: Sendable {
  /// Seconds between calls that keep the session: far below the shortest idle limit that anybody sets.
  static let wakeful: Double = 240
  /// Seconds that a reading of the inventory counts as fresh.
  static let fresh: Double = 30

  let client: VimClient
  let settings: Settings
  let environment: ConnectorEnvironment
  private let cache = Mutex<(tree: InventoryTree, at: ContinuousClock.Instant)?>(nil)
  private let waker: Task<Void, Never>

  init(client: VimClient, settings: Settings, environment: ConnectorEnvironment) {
    self.client = client
    self.settings = settings
    self.environment = environment
    waker = Task {
      while !Task.isCancelled {
        do { try await Task.sleep(for: .seconds(Self.wakeful)) } catch { return }
        await client.stayAwake()
      }
    }
  }

  deinit { waker.cancel() }

  var store: MachineStore { MachineStore(client: client) }

  func close() async {
    waker.cancel()
    await client.logOut()
  }

  func check() async throws -> SessionCheck.Result {
    do {
      try await client.call("CurrentTime", on: ServiceContent.serviceInstance)
    } catch let error as ConnectorError where error.category == .transient {
      let diagnostic = Diagnostic(
        severity: .blocker, code: "server.unreachable", summary: error.message, action: error.remedy)
      return SessionCheck.Result(state: .degraded, diagnostics: [diagnostic])
    } catch let fault as VimFault {
      throw Failure.fault(fault, doing: "Asking \(client.web.server) for its time", outcome: .none)
    }
    return SessionCheck.Result(state: .ready)
  }

  // MARK: Inventory

  func tree(fresh: Bool = false) async throws -> InventoryTree {
    if !fresh, let (tree, at) = cache.withLock({ $0 }), at.duration(to: .now) < .seconds(Self.fresh) { return tree }
    let tree = try await InventoryTree.load(client)
    cache.withLock { $0 = (tree, .now) }
    return tree
  }

  /// Placement by the target's configuration and these options.
  private func placement(_ tree: InventoryTree, _ options: JSONValue) throws -> Placement {
    try Placement.Chooser(
      tree: tree, settings: settings, options: options, isVirtualCenter: client.content.isVirtualCenter
    ).run()
  }

  func list(_ request: InventoryList) async throws -> InventoryList.Result {
    let kind = InventoryKind(rawValue: request.kind)
    let tree = try await tree(fresh: request.pageToken == nil)
    var options = ConfigOptions()
    if kind == .hardwareVersion || kind == .guestType {
      // Without a placement there is no environment to ask.
      if let place = try? placement(tree, [:]) {
        options = try await ConfigOptions.load(client, browser: place.environmentBrowser)
      }
    }
    return try Inventory(tree: tree, options: options).list(request)
  }

  // MARK: Planning

  func preflight(_ request: PlanPreflight) async throws -> PlanPreflight.Result {
    try request.job.checkPlain()
    let tree = try await tree(fresh: true)
    let place = try placement(tree, request.options)
    let options = try await ConfigOptions.load(client, browser: place.environmentBrowser)
    let holder: String? = try await Failure.translating("Looking for '\(request.name)'", outcome: .none) {
      try await self.holder(of: request.name, request.job, place)
    }
    return try Preflight(
      request: request, settings: settings, tree: tree, options: options, placement: place, holder: holder
    ).run()
  }

  private func holder(of name: String, _ job: JobID, _ place: Placement) async throws -> String? {
    guard NameRule.accepts(name), let found = try await store.named(name, in: place.folder) else { return nil }
    guard let mark = found.mark else {
      return found.reference.type == "VirtualMachine" ? "by a machine that is not of this job" : "by something else"
    }
    return mark.jobID == job ? nil : "by a machine of restore \(mark.jobID)"
  }

  // MARK: Disks and machine

  func receive(
    _ plan: MachinePlan, _ disk: MachinePlan.Disk, _ request: DiskReceive, _ operation: OperationContext
  ) async throws -> DiskReceive.Result {
    if plan.delivery == .datastore {
      return try await DatastoreReceiver(store: store, plan: plan, disk: disk, request: request).run(operation)
    }
    return try await LeaseReceiver(store: store, plan: plan, disk: disk, request: request).run(operation)
  }

  func create(
    _ plan: MachinePlan, _ disks: [JSONValue], _ operation: OperationContext
  ) async throws -> MachineCreate.Result {
    let machine =
      plan.delivery == .datastore
      ? try await DatastoreAssembly(store: store, plan: plan).run(operation)
      : try await Assembly(store: store, plan: plan).run(operation)
    return MachineCreate.Result(machine: machine)
  }

  /// A machine of the job that a request names.
  func owned(_ machine: MachineReference, by job: JobID) async throws -> MachineStore.Found {
    try await found(machine) { $0.mark?.jobID == job }
  }

  /// The same, or one that the job made and that is finished.
  func restored(_ machine: MachineReference, by job: JobID) async throws -> MachineStore.Found {
    try await found(machine) { $0.mark?.jobID == job || ($0.mark == nil && $0.origin == job) }
  }

  private func found(
    _ machine: MachineReference, _ isOurs: @escaping @Sendable (MachineStore.Found) -> Bool
  ) async throws -> MachineStore.Found {
    guard let reference = MoRef(id: machine.id), reference.type == "VirtualMachine" else {
      throw Failure.noMachine(machine.name, why: "'\(machine.id)' is no machine's id")
    }
    return try await Failure.translating("Looking at '\(machine.name)'", outcome: .none) {
      guard let found = try await store.look(reference) else {
        throw Failure.noMachine(machine.name, why: "it was removed")
      }
      guard isOurs(found) else {
        throw Failure.noMachine(machine.name, why: "what has its id does not bear the mark of this job")
      }
      return found
    }
  }
}
