import ConnectorKit
import ConnectorProtocol
import Foundation

/// Brings one disk onto the server by an import of its own: the first disk with the machine itself, every other one with
/// a machine that only carries it until the machine takes it.
///
/// So disks go there side by side, and one that has arrived stays: an import cannot be taken up again, a disk can.
struct LeaseReceiver: Sendable {
  var store: MachineStore
  var plan: MachinePlan
  var disk: MachinePlan.Disk
  var request: DiskReceive

  private var source: DiskSource { request.source }
  private var client: VimClient { store.client }
  private var role: Mark.Role { disk.index == plan.leader ? .machine : .carrier(disk.index) }
  private var resource: Resource {
    let resources = Resources(plan: plan)
    return disk.index == plan.leader ? resources.machine : resources.carrier(disk.index)
  }
  private var what: String { "Bringing disk \(disk.index) of '\(plan.name)' to \(client.web.server)" }

  func run(_ operation: OperationContext) async throws -> DiskReceive.Result {
    if let arrived = try await arrived(operation) { return arrived }
    let stream = try await DiskStream.open(request, disk: disk)
    let receipt = try await operation.creating(resource) {
      try await Failure.translating(what, outcome: .none) { try await imported(stream, operation) }
    }
    return receipt.result(for: request)
  }

  /// The result of an earlier attempt that brought the disk here; what a broken one has left is removed.
  private func arrived(_ operation: OperationContext) async throws -> DiskReceive.Result? {
    try await Failure.translating("Looking for '\(resource.name)'", outcome: .none) {
      if role != .machine, let machine = try await store.own(plan.name, plan, role: .machine),
        let receipt = machine.mark?.receipts[disk.index], receipt.generation == source.generation
      {
        // The machine has taken it already.
        return receipt.result(for: request)
      }
      guard let found = try await store.own(resource.name, plan, role: role) else { return nil }
      if let receipt = found.mark?.receipts[disk.index], receipt.generation == source.generation {
        // Whether the ledger has it is not known: its entry is made again.
        try await operation.creating(resource) { ((), remoteID: found.reference.id) }
        return receipt.result(for: request)
      }
      guard found.mark?.isComplete != true else {
        throw ConnectorError(
          .existsIncompatible, "Machine '\(plan.name)' is complete: its disk \(disk.index) is not written again.",
          remedy: "Roll the job back to bring another disk there.", outcome: .none)
      }
      operation.progress(
        phase: "clean", done: 0, unit: "steps", message: "removing what an earlier attempt left of disk \(disk.index)")
      try await store.remove(found.reference)
      await operation.deleted(resource)
      return nil
    }
  }

  // MARK: One import

  private func imported(
    _ stream: DiskStream, _ operation: OperationContext
  ) async throws -> (Mark.Receipt, remoteID: String?) {
    guard let placement = plan.placement else {
      throw ConnectorError(.planStale, "The plan names no place on the server.", remedy: "Plan again.", outcome: .none)
    }
    let lease = try await open(placement, operation)
    do {
      let receipt = try await fill(lease, stream, operation)
      return (receipt, remoteID: lease.entity.id)
    } catch {
      // Cancelled or not, nothing may stay: this runs to its end in a task of its own.
      let cause = await lost(lease, after: error)
      let cleaned = await Task { await giveUp(lease) }.value
      throw cleaned ? Self.nothingLeft(cause) : Self.somethingLeft(cause, lease.entity)
    }
  }

  private func open(_ placement: Placement, _ operation: OperationContext) async throws -> Lease {
    let spec = ConfigSpec(plan: plan)
    func config(keepsMACs: Bool) -> VimObject {
      role == .machine ? spec.machine(disks: [(disk, .new)], keepsMACs: keepsMACs) : spec.carrier(disk)
    }
    do {
      return try await Lease.open(client, placement, config(keepsMACs: true))
    } catch let fault as VimFault where role == .machine && plan.keepsMACs && Self.maybeMAC(fault) {
      let lease = try await Lease.open(client, placement, config(keepsMACs: false))
      operation.diagnostic(
        Diagnostic(
          severity: .warning, code: "mac.renewed",
          summary: "The server does not take the machine's MAC addresses: it has made new ones.",
          detail: fault.message, action: "Correct what knows the machine by its address, such as DHCP reservations."))
      return lease
    }
  }

  private static func maybeMAC(_ fault: VimFault) -> Bool {
    ["InvalidArgument", "PlatformConfigFault", "InvalidDeviceSpec", "GenericVmConfigFault", "MacAddress"].contains(
      fault.name) && (fault.message + (fault.detail?.string("invalidProperty") ?? "")).lowercased().contains("mac")
  }

  private func fill(
    _ lease: Lease, _ stream: DiskStream, _ operation: OperationContext
  ) async throws -> Mark.Receipt {
    var slot = ControllerSlot(disk)
    if role != .machine { slot = ControllerSlot(controller: disk.controller == .ide ? .sata : disk.controller, bus: 0) }
    let device = try lease.device(for: slot, unit: role == .machine ? disk.unit : 0)
    if await !lease.wantSHA256(device) { stream.alsoSHA1() }
    let upload = WebClient.Upload(
      method: "POST", url: Lease.target(device.url, server: client.web.server),
      contentType: "application/x-vnd.vmware-streamVmdk", length: nil, cookie: client.cookie,
      thumbprint: device.thumbprint)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await client.web.upload(upload) {
          let piece = try await stream.next()
          let now = stream.progress
          operation.progress(
            phase: "receive", done: now.done, total: now.total, skipped: now.skipped, message: "disk \(disk.index)")
          return piece
        }
        return true
      }
      group.addTask {
        try await lease.keepAlive { stream.progress.percent }
        return false
      }
      // The first to end is the upload, or whatever fails.
      _ = try await group.next()
      group.cancelAll()
    }
    let totals = try stream.totals()
    try await compare(lease, device, totals)
    try await lease.complete()
    try await checkCapacity(lease)
    let receipt = Mark.Receipt(totals, generation: source.generation)
    try await store.keep(receipt, of: disk.index, on: lease.entity)
    return receipt
  }

  private func compare(_ lease: Lease, _ device: Lease.DeviceURL, _ totals: DiskStream.Totals) async throws {
    guard let said = try await lease.checksum(of: device) else { return }
    let ours = said.kind == "sha256" ? totals.sha256 : said.kind == "sha1" ? totals.sha1 : nil
    guard let ours, ours != said.value else { return }
    throw Failure.corrupt(
      "Disk \(disk.index) of '\(plan.name)'", "\(said.kind) was \(ours), and the server received \(said.value)")
  }

  /// The machine must have a disk of just this size.
  private func checkCapacity(_ lease: Lease) async throws {
    let devices = try await client.properties(["config.hardware.device"], of: lease.entity)
    let sizes = devices["config.hardware.device"]?.items.filter { $0.type == "VirtualDisk" }.compactMap {
      $0.int("capacityInKB")
    }
    guard let sizes, !sizes.contains(disk.sizeBytes / 1024) else { return }
    throw Failure.corrupt(
      "Disk \(disk.index) of '\(plan.name)'",
      "the server has disks of \(sizes) KiB, and this one has \(disk.sizeBytes / 1024)")
  }

  // MARK: After a failure

  /// A broken upload is often the first sign of an import that the server has given up: that is then the cause.
  private func lost(_ lease: Lease, after error: any Error) async -> any Error {
    guard !(error is CancellationError), !Task.isCancelled else { return error }
    if let own = error as? ConnectorError, own.category == .host || own.category == .control { return error }
    let isTransport = (error as? ConnectorError)?.category == .transient
    guard isTransport || (error as? VimFault)?.isGone == true, let fault = await lease.fault() else { return error }
    return ConnectorError(
      .platformUnavailable, "\(what) failed: the server gave the import up (\(fault.message)).",
      remedy: "Retry: this disk is sent again. Look at the network between here and the host if it happens again.",
      outcome: .none, provider: Failure.provider(fault))
  }

  /// True where nothing is left of the import.
  private func giveUp(_ lease: Lease) async -> Bool {
    await lease.abort()
    do {
      try await store.remove(lease.entity, patience: 60)
      return true
    } catch { return false }
  }

  private static func nothingLeft(_ error: any Error) -> any Error {
    switch error {
    case var own as ConnectorError:
      own.outcome = .none
      return own
    case is CancellationError:
      return ConnectorError(.cancelled, "The transfer was cancelled, and its import given up.", outcome: .none)
    default: return error
    }
  }

  private static func somethingLeft(_ error: any Error, _ machine: MoRef) -> any Error {
    let left = " What it has made (\(machine.id)) could not be removed."
    switch error {
    case var own as ConnectorError:
      own.outcome = .partial
      own.message += left
      return own
    case let fault as VimFault:
      var own = Failure.fault(fault, doing: "The import", outcome: .partial)
      own.message += left
      return own
    default:
      return ConnectorError(.cancelled, "The transfer was cancelled.\(left)", outcome: .partial)
    }
  }
}
