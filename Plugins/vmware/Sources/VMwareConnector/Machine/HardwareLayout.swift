import ConnectorProtocol

/// Where a machine's devices are now: its own disks found among them, its controllers and network interfaces.
///
/// Disks bear no number on the server. They are known by their places, which follow from the plan and from the
/// controllers that they were put on since: a machine in which no such order is found has been changed by somebody.
struct HardwareLayout {
  var devices: [XMLNode]

  /// A disk of the plan, and the device that it is.
  struct Place {
    var disk: MachinePlan.Disk
    var device: XMLNode
    /// The controller that it hangs on.
    var controllerKey: Int64
  }

  func controllers(of kind: DiskController) -> [XMLNode] {
    devices.filter { $0.type == kind.type }.sorted { ($0.int("busNumber") ?? 0) < ($1.int("busNumber") ?? 0) }
  }

  func attached(to controller: Int64) -> [XMLNode] { devices.filter { $0.int("controllerKey") == controller } }

  var disks: [XMLNode] { devices.filter { $0.type == "VirtualDisk" } }

  /// Its network interfaces that this connector knows, in the order of the machine.
  var nics: [(kind: NICKind, device: XMLNode)] {
    devices.compactMap { device in NICKind.allCases.first { $0.type == device.type }.map { ($0, device) } }
  }

  /// The disks where `plan`, or the same machine on controllers of one kind, would have them; nil where they are not.
  func places(of plan: MachinePlan, or wanted: MachinePlan) -> (controllers: [String], places: [Place])? {
    let uniform = DiskController.allCases.compactMap { kind in
      try? plan.attached(by: MachineHardware(controllers: plan.controllers.map { _ in kind.rawValue }))
    }
    for candidate in [plan, wanted] + uniform {
      if let found = places(of: candidate) { return (candidate.controllers, found) }
    }
    return nil
  }

  /// Buses are not compared: a controller that came later has the one that was free.
  func places(of plan: MachinePlan) -> [Place]? {
    var places: [Place] = []
    var taken: Set<Int64> = []
    var slots: [ControllerSlot] = []
    for disk in plan.disks where !slots.contains(ControllerSlot(disk)) { slots.append(ControllerSlot(disk)) }
    for slot in slots {
      let mine = plan.disks.filter { ControllerSlot($0) == slot }
      let match = controllers(of: slot.controller).lazy.compactMap { controller -> (Int64, [Place])? in
        guard let key = controller.int("key"), !taken.contains(key) else { return nil }
        let found = mine.compactMap { disk in
          disks.first {
            $0.int("controllerKey") == key && $0.int("unitNumber") == Int64(disk.unit)
              && ($0.int("capacityInKB") ?? 0) >= disk.sizeBytes / 1024
          }.map { Place(disk: disk, device: $0, controllerKey: key) }
        }
        return found.count == mine.count ? (key, found) : nil
      }.first
      guard let (key, found) = match else { return nil }
      taken.insert(key)
      places += found
    }
    return places.sorted { $0.disk.index < $1.disk.index }
  }
}
