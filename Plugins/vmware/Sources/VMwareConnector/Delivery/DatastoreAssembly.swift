import ConnectorKit
import ConnectorProtocol
import Foundation

/// Makes the machine around the flat disks that wait on the datastores, and removes the folders that they waited in.
struct DatastoreAssembly: Sendable {
  var store: MachineStore
  var plan: MachinePlan

  private var editor: MachineEditor { MachineEditor(client: store.client, plan: plan) }

  func run(_ operation: OperationContext) async throws -> MachineReference {
    try await Failure.translating("Making machine '\(plan.name)'", outcome: .partial) {
      let machine = try await machine(operation)
      for (done, disk) in plan.disks.enumerated() {
        operation.progress(phase: "create", done: Int64(done), total: Int64(plan.disks.count), unit: "steps")
        let target = editor.target(disk, machine)
        guard try await !editor.has(target, machine.reference) else { continue }
        try await keepReceipt(disk, machine.reference)
        do {
          try await editor.move(DatastoreFolder.descriptor(disk, plan.job), to: target)
        } catch let fault as VimFault where fault.name == "FileNotFound" {
          // Moved before, and not attached: or never brought, which attaching tells.
        }
        try await editor.attach(disk, target, to: machine.reference)
      }
      if machine.mark?.isComplete != true {
        try await editor.setBootOrder(machine.reference)
        try await store.update(machine.reference, extraConfig: [Mark.entry(Mark.state, "complete")])
      }
      for folder in DatastoreFolder.all(plan) {
        try await DatastoreFolder.delete(folder, plan.placement?.datacenter, store.client)
        await operation.deleted(Resources(plan: plan).folder(folder))
      }
      return editor.reference(machine.reference)
    }
  }

  private func machine(_ operation: OperationContext) async throws -> MachineStore.Found {
    if let found = try await store.own(plan.name, plan, role: .machine) { return found }
    guard let placement = plan.placement else { throw VimFault("NotFound", "the plan names no place on the server") }
    try await operation.creating(Resources(plan: plan).machine) {
      let made = try await store.client.perform(
        "CreateVM_Task", on: placement.folder,
        [
          "config": .object(ConfigSpec(plan: plan).machine(disks: [])), "pool": .reference(placement.pool),
          "host": placement.host.map { .reference($0) },
        ])
      return ((), remoteID: made?.reference?.id)
    }
    guard let found = try await store.own(plan.name, plan, role: .machine) else {
      throw Failure.noMachine(plan.name, why: "it was made and is gone again")
    }
    return found
  }

  private func keepReceipt(_ disk: MachinePlan.Disk, _ machine: MoRef) async throws {
    let client = store.client
    let url = DatastoreFolder.receipt(disk, plan.job).url(
      base: client.web.base, datacenter: plan.placement?.datacenterPath ?? "")
    let (status, body) = try await client.web.get(url, cookie: client.cookie, limit: 64 << 10)
    guard status == 200, let receipt = try? JSONDecoder().decode(Mark.Receipt.self, from: body) else { return }
    try await store.keep(receipt, of: disk.index, on: machine)
  }
}
