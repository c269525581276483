import ConnectorKit
import ConnectorProtocol
import Foundation

/// Makes the machine whole: it takes the disks that were brought one by one, and what carried them goes.
struct Assembly: Sendable {
  var store: MachineStore
  var plan: MachinePlan

  private var editor: MachineEditor { MachineEditor(client: store.client, plan: plan) }

  func run(_ operation: OperationContext) async throws -> MachineReference {
    try await Failure.translating("Making machine '\(plan.name)'", outcome: .partial) {
      guard let machine = try await store.own(plan.name, plan, role: .machine) else {
        throw Failure.noMachine(plan.name, why: "its first disk was not brought, or was rolled back")
      }
      let rest = plan.disks.dropFirst()
      for (done, disk) in rest.enumerated() {
        operation.progress(phase: "create", done: Int64(done), total: Int64(rest.count), unit: "steps")
        try await take(disk, machine, operation)
      }
      if machine.mark?.isComplete != true {
        try await editor.setBootOrder(machine.reference)
        try await store.update(machine.reference, extraConfig: [Mark.entry(Mark.state, "complete")])
      }
      return editor.reference(machine.reference)
    }
  }

  /// Each step finds out whether it was done before: a process may have ended after any of them.
  private func take(
    _ disk: MachinePlan.Disk, _ machine: MachineStore.Found, _ operation: OperationContext
  ) async throws {
    let resource = Resources(plan: plan).carrier(disk.index)
    guard let carrier = try await store.own(resource.name, plan, role: .carrier(disk.index)) else {
      guard machine.mark?.receipts[disk.index] != nil else {
        throw Failure.noMachine(plan.name, why: "its disk \(disk.index) was not brought, or was rolled back")
      }
      return
    }
    let target = editor.target(disk, machine)
    if try await !editor.has(target, machine.reference) {
      try await free(carrier, to: target)
      try await editor.attach(disk, target, to: machine.reference)
    }
    if let receipt = carrier.mark?.receipts[disk.index] {
      try await store.keep(receipt, of: disk.index, on: machine.reference)
    }
    try await store.remove(carrier.reference)
    await operation.deleted(resource)
  }

  /// Takes the disk out of its carrier and moves it to the machine.
  private func free(_ carrier: MachineStore.Found, to target: DatastorePath) async throws {
    if let device = try await editor.disks(of: carrier.reference).first, let file = device.file {
      // Where the file is gets kept first: once it is out, nothing else knows it.
      try await store.update(
        carrier.reference,
        extraConfig: [Mark.entry(Mark.file, file.description), Mark.entry(Mark.target, target.description)])
      try await editor.detach(device, from: carrier.reference)
      try await editor.move(file, to: target)
    } else if let file = carrier.mark?.file {
      // Taken out before; whether it was moved too is not known.
      do { try await editor.move(file, to: target) } catch let fault as VimFault where fault.name == "FileNotFound" {}
    }
  }
}
