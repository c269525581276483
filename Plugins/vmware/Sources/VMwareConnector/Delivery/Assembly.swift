import ConnectorKit
import ConnectorProtocol
import Foundation

/// Makes the machine whole: it takes the disks that were brought one by one, and what carried them goes.
struct Assembly: Sendable {
  var store: MachineStore
  var plan: MachinePlan

  private var client: VimClient { store.client }

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
        try await setBootOrder(machine.reference)
        try await store.update(machine.reference, extraConfig: [Mark.entry(Mark.state, "complete")])
      }
      return reference(machine)
    }
  }

  private func reference(_ machine: MachineStore.Found) -> MachineReference {
    MachineReference(
      id: machine.reference.id, name: plan.name, location: (plan.placement?.folderPath ?? "") + "/" + plan.name)
  }

  /// Each step finds out whether it was done before: a process may have ended after any of them.
  private func take(
    _ disk: MachinePlan.Disk, _ machine: MachineStore.Found, _ operation: OperationContext
  ) async throws {
    let resource = Resources(plan: plan).carrier(disk.index)
    let carrier = try await store.own(resource.name, plan, role: .carrier(disk.index))
    if let carrier {
      let folder = machine.file?.folder ?? DatastorePath(plan.datastore ?? "", plan.name)
      let target = DatastorePath(disk.datastore ?? folder.datastore, folder.path)
        .appending("\(plan.name)-disk\(disk.index).vmdk")
      if try await !has(target, machine.reference) {
        try await detach(from: carrier, to: target)
        try await attach(disk, target, machine.reference)
      }
      if let receipt = carrier.mark?.receipts[disk.index] {
        try await store.keep(receipt, of: disk.index, on: machine.reference)
      }
      try await store.remove(carrier.reference)
      await operation.deleted(resource)
    } else if machine.mark?.receipts[disk.index] == nil {
      throw Failure.noMachine(plan.name, why: "its disk \(disk.index) was not brought, or was rolled back")
    }
  }

  /// Takes the disk out of its carrier, without deleting it, and moves it to the machine.
  private func detach(from carrier: MachineStore.Found, to target: DatastorePath) async throws {
    guard let device = try await disks(of: carrier.reference).first, let file = device.file else {
      // Taken out before; whether it was moved too is not known.
      guard let file = carrier.mark?.file else { return }
      do { try await move(file, to: target) } catch let fault as VimFault where fault.name == "FileNotFound" {}
      return
    }
    // Where the file is gets kept first: once it is out, nothing else knows it.
    try await store.update(
      carrier.reference,
      extraConfig: [Mark.entry(Mark.file, file.description), Mark.entry(Mark.target, target.description)])
    let disk = VimObject(
      "VirtualDisk",
      [
        "key": .int(device.key), "controllerKey": .int(device.controllerKey), "unitNumber": .int(device.unit),
        "capacityInKB": .int(device.kibibytes),
      ])
    let removal = VimObject("VirtualDeviceConfigSpec", ["operation": "remove", "device": .object(disk)])
    try await client.perform(
      "ReconfigVM_Task", on: carrier.reference,
      ["spec": .object(VimObject("VirtualMachineConfigSpec", ["deviceChange": .list([.object(removal)])]))])
    try await move(file, to: target)
  }

  private func move(_ file: DatastorePath, to target: DatastorePath) async throws {
    guard let manager = client.content.virtualDiskManager, let datacenter = plan.placement?.datacenter else {
      throw VimFault("NotSupported", "the server has no disk manager")
    }
    if let files = client.content.fileManager {
      do {
        try await client.call(
          "MakeDirectory", on: files,
          [
            "name": .text(target.folder.description), "datacenter": .reference(datacenter),
            "createParentDirectories": true,
          ])
      } catch let fault as VimFault where fault.name == "FileAlreadyExists" {}
    }
    try await client.perform(
      "MoveVirtualDisk_Task", on: manager,
      [
        "sourceName": .text(file.description), "sourceDatacenter": .reference(datacenter),
        "destName": .text(target.description), "destDatacenter": .reference(datacenter), "force": false,
      ])
  }

  private func attach(_ disk: MachinePlan.Disk, _ file: DatastorePath, _ machine: MoRef) async throws {
    let slot = ControllerSlot(disk)
    guard let key = try await controllerKey(slot, machine) else {
      throw VimFault("MissingController", "the machine has no \(slot.controller.rawValue) controller \(slot.bus)")
    }
    let change = ConfigSpec(plan: plan).addition(disk, .existing(file), controllerKey: key)
    try await client.perform(
      "ReconfigVM_Task", on: machine,
      ["spec": .object(VimObject("VirtualMachineConfigSpec", ["deviceChange": .list([change])]))])
  }

  // MARK: Devices of a machine

  private struct Device {
    var key: Int64
    var controllerKey: Int64
    var unit: Int64
    var kibibytes: Int64
    var file: DatastorePath?
  }

  private func devices(of machine: MoRef) async throws -> [XMLNode] {
    try await client.properties(["config.hardware.device"], of: machine)["config.hardware.device"]?.items ?? []
  }

  private func disks(of machine: MoRef) async throws -> [Device] {
    try await devices(of: machine).filter { $0.type == "VirtualDisk" }.compactMap { node in
      guard let key = node.int("key") else { return nil }
      return Device(
        key: key, controllerKey: node.int("controllerKey") ?? 0, unit: node.int("unitNumber") ?? 0,
        kibibytes: node.int("capacityInKB") ?? 0, file: node.string("backing.fileName").flatMap { DatastorePath($0) })
    }
  }

  private func has(_ file: DatastorePath, _ machine: MoRef) async throws -> Bool {
    try await disks(of: machine).contains { $0.file == file }
  }

  private func controllerKey(_ slot: ControllerSlot, _ machine: MoRef) async throws -> Int64? {
    let devices = try await devices(of: machine)
    return devices.first { $0.type == slot.controller.type && $0.int("busNumber") == Int64(slot.bus) }?.int("key")
  }

  /// Says which disk to boot from, where that is not the first one anyway.
  private func setBootOrder(_ machine: MoRef) async throws {
    guard let boot = plan.disks.first(where: \.boot), boot.index != plan.leader,
      let controller = try await controllerKey(ControllerSlot(boot), machine),
      let device = try await disks(of: machine).first(where: {
        $0.controllerKey == controller && $0.unit == Int64(boot.unit)
      })
    else { return }
    let order = VimObject("VirtualMachineBootOptionsBootableDiskDevice", ["deviceKey": .int(device.key)])
    var options = VimObject("VirtualMachineBootOptions", ["bootOrder": .list([.object(order)])])
    if plan.firmware == .uefi { options["efiSecureBootEnabled"] = .bool(plan.secureBoot) }
    try await client.perform(
      "ReconfigVM_Task", on: machine,
      ["spec": .object(VimObject("VirtualMachineConfigSpec", ["bootOptions": .object(options)]))])
  }
}
