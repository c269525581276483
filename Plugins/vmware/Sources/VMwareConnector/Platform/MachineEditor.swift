import ConnectorProtocol

/// Disks of machines that are there already: looked at, moved, attached, taken out.
struct MachineEditor: Sendable {
  var client: VimClient
  var plan: MachinePlan

  struct Disk: Sendable {
    var key: Int64
    var controllerKey: Int64
    var unit: Int64
    var kibibytes: Int64
    var file: DatastorePath?
  }

  func devices(of machine: MoRef) async throws -> [XMLNode] {
    try await client.properties(["config.hardware.device"], of: machine)["config.hardware.device"]?.items ?? []
  }

  func disks(of machine: MoRef) async throws -> [Disk] {
    try await devices(of: machine).filter { $0.type == "VirtualDisk" }.compactMap { node in
      guard let key = node.int("key") else { return nil }
      return Disk(
        key: key, controllerKey: node.int("controllerKey") ?? 0, unit: node.int("unitNumber") ?? 0,
        kibibytes: node.int("capacityInKB") ?? 0, file: node.string("backing.fileName").flatMap { DatastorePath($0) })
    }
  }

  func has(_ file: DatastorePath, _ machine: MoRef) async throws -> Bool {
    try await disks(of: machine).contains { $0.file == file }
  }

  /// Where a disk of the machine goes, beside the machine's own files.
  func target(_ disk: MachinePlan.Disk, _ machine: MachineStore.Found) -> DatastorePath {
    let folder = machine.file?.folder ?? DatastorePath(plan.datastore ?? "", plan.name)
    return DatastorePath(disk.datastore ?? folder.datastore, folder.path)
      .appending("\(plan.name)-disk\(disk.index).vmdk")
  }

  func controllerKey(_ slot: ControllerSlot, _ machine: MoRef) async throws -> Int64? {
    let devices = try await devices(of: machine)
    return devices.first { $0.type == slot.controller.type && $0.int("busNumber") == Int64(slot.bus) }?.int("key")
  }

  func reconfigure(_ machine: MoRef, _ fields: [String: VimValue]) async throws {
    try await client.perform(
      "ReconfigVM_Task", on: machine, ["spec": .object(VimObject("VirtualMachineConfigSpec", fields))])
  }

  /// Takes a disk out without deleting it.
  func detach(_ disk: Disk, from machine: MoRef) async throws {
    let device = VimObject(
      "VirtualDisk",
      [
        "key": .int(disk.key), "controllerKey": .int(disk.controllerKey), "unitNumber": .int(disk.unit),
        "capacityInKB": .int(disk.kibibytes),
      ])
    let removal = VimObject("VirtualDeviceConfigSpec", ["operation": "remove", "device": .object(device)])
    try await reconfigure(machine, ["deviceChange": .list([.object(removal)])])
  }

  func attach(_ disk: MachinePlan.Disk, _ file: DatastorePath, to machine: MoRef) async throws {
    let slot = ControllerSlot(disk)
    guard let key = try await controllerKey(slot, machine) else {
      throw VimFault("MissingController", "the machine has no \(slot.controller.rawValue) controller \(slot.bus)")
    }
    try await reconfigure(
      machine,
      ["deviceChange": .list([ConfigSpec(plan: plan).addition(disk, .existing(file), controllerKey: key)])])
  }

  func makeFolder(_ folder: DatastorePath) async throws {
    guard let files = client.content.fileManager, let datacenter = plan.placement?.datacenter else {
      throw VimFault("NotSupported", "the server has no file manager")
    }
    do {
      try await client.call(
        "MakeDirectory", on: files,
        [
          "name": .text(folder.description), "datacenter": .reference(datacenter), "createParentDirectories": true,
        ])
    } catch let fault as VimFault where fault.name == "FileAlreadyExists" {}
  }

  func move(_ file: DatastorePath, to target: DatastorePath) async throws {
    guard let manager = client.content.virtualDiskManager, let datacenter = plan.placement?.datacenter else {
      throw VimFault("NotSupported", "the server has no disk manager")
    }
    try await makeFolder(target.folder)
    try await client.perform(
      "MoveVirtualDisk_Task", on: manager,
      [
        "sourceName": .text(file.description), "sourceDatacenter": .reference(datacenter),
        "destName": .text(target.description), "destDatacenter": .reference(datacenter), "force": false,
      ])
  }

  /// Says which disk to boot from, where that is not the first one anyway.
  func setBootOrder(_ machine: MoRef) async throws {
    guard let boot = plan.disks.first(where: \.boot), boot.index != plan.leader,
      let controller = try await controllerKey(ControllerSlot(boot), machine),
      let device = try await disks(of: machine).first(where: {
        $0.controllerKey == controller && $0.unit == Int64(boot.unit)
      })
    else { return }
    let order = VimObject("VirtualMachineBootOptionsBootableDiskDevice", ["deviceKey": .int(device.key)])
    var options = VimObject("VirtualMachineBootOptions", ["bootOrder": .list([.object(order)])])
    if plan.firmware == .uefi { options["efiSecureBootEnabled"] = .bool(plan.secureBoot) }
    try await reconfigure(machine, ["bootOptions": .object(options)])
  }

  func reference(_ machine: MoRef) -> MachineReference {
    MachineReference(
      id: machine.id, name: plan.name, location: (plan.placement?.folderPath ?? "") + "/" + plan.name)
  }
}
