import ConnectorProtocol

extension HardwarePlan {
  /// The disks, each with its place on a controller.
  ///
  /// - Parameter datastore: What a disk's wish, or its absence, comes to.
  func disks(
    _ findings: inout Findings, datastore: (_ wish: String?, _ at: String, inout Findings) -> String?
  ) -> [MachinePlan.Disk] {
    let indices = request.disks.map(\.index)
    if Set(indices).count != indices.count || indices.contains(where: { $0 < 0 }) {
      findings.block("disk.index", "Disk indices repeat or are negative.", at: "/disks")
      return []
    }
    if request.disks.isEmpty { findings.block("disk.none", "A machine needs a disk.", at: "/disks") }
    var places = Places()
    var planned: [MachinePlan.Disk] = []
    for (place, disk) in request.disks.enumerated().sorted(by: { $0.element.index < $1.element.index }) {
      let controllers = request.hardware.controllers
      let name = controllers.indices.contains(disk.index) ? controllers[disk.index] : nil
      guard let controller = controller(name, at: "/hardware/controllers/\(disk.index)", &findings),
        let size = size(disk, at: "/disks/\(place)", &findings)
      else { continue }
      guard let (bus, unit) = places.next(controller) else {
        findings.block(
          "controller.full", "A machine has no room for so many disks on \(controller.rawValue) controllers.",
          at: "/hardware/controllers", action: "Put some of the disks on another controller.")
        continue
      }
      let chosen = request.mapping.disks?[String(disk.index)]
      let wish =
        chosen?.storage ?? request.mapping.storage[String(disk.index)] ?? request.mapping.storage["*"]
      planned.append(
        MachinePlan.Disk(
          index: disk.index, sizeBytes: size, allocatedBytes: disk.allocatedBytes, controller: controller, bus: bus,
          unit: unit, boot: disk.boot, datastore: datastore(wish, "/mapping/storage", &findings),
          provisioning: provisioning(chosen?.type, &findings)))
    }
    return planned
  }

  private func controller(_ name: String?, at: String, _ findings: inout Findings) -> DiskController? {
    guard let name, let controller = DiskController(rawValue: name) else {
      let known = DiskController.allCases.map(\.rawValue).joined(separator: ", ")
      findings.block(
        "controller.unknown", name.map { "There is no controller '\($0)' here." } ?? "A disk has no controller.",
        at: at, action: "Choose one of \(known).")
      return nil
    }
    guard controller.firmware.contains(request.hardware.firmware) else {
      findings.block(
        "controller.firmware", "\(name) does not go with \(request.hardware.firmware) firmware.", at: at,
        action: "Choose another controller, or BIOS.")
      return nil
    }
    return controller
  }

  /// The size in the server's steps; nil where the disk cannot be taken.
  private func size(
    _ disk: PlanPreflight.PlannedDisk, at: String, _ findings: inout Findings
  ) -> Int64? {
    // By NBD the bytes are the same whatever the form: it says what is made of them, which the delivery decides.
    let forms = [Settings.Delivery.lease, .datastore].map { Capabilities.disks($0).accepts[0] }
    let isKnown = forms.contains {
      $0.format == disk.format && $0.access.contains(disk.access) && $0.subformat == disk.subformat
    }
    guard isKnown else {
      findings.block(
        "disk.form", "Disk \(disk.index) cannot come as \(disk.format) by \(disk.access).", at: at,
        action: "Use one of the forms of the capability document.")
      return nil
    }
    guard disk.sizeBytes > 0, disk.sizeBytes <= MachineLimits.diskBytes else {
      findings.block(
        "disk.size",
        "Disk \(disk.index) has \(disk.sizeBytes) bytes; the largest possible has \(ByteSize.text(MachineLimits.diskBytes)).",
        at: at, action: "Leave this disk out, or choose another platform for the machine.")
      return nil
    }
    let step = MachineLimits.diskStep
    let size = max((disk.sizeBytes + step - 1) / step * step, MachineLimits.leastDisk)
    if size != disk.sizeBytes {
      findings.adjust(
        "\(at)/sizeBytes", from: String(disk.sizeBytes), to: String(size),
        why: "vSphere counts disks in KiB: zeros are added at the end.")
    }
    return size
  }

  private func provisioning(_ type: String?, _ findings: inout Findings) -> Settings.Provisioning {
    guard let wish = type ?? request.options["diskProvisioning"]?.stringValue, !wish.isEmpty else {
      return settings.provisioning
    }
    if let known = Settings.Provisioning(rawValue: wish) { return known }
    findings.block(
      "mapping.disk", "There is no disk type '\(wish)'.", at: "/mapping/disks",
      action: "Choose one of \(Settings.Provisioning.allCases.map(\.rawValue).joined(separator: ", ")).")
    return settings.provisioning
  }

  /// Hands out places: a controller is filled before the next one is taken.
  private struct Places {
    private var counts: [DiskController: Int] = [:]
    /// The bus of each controller, by kind, in the order in which they were taken.
    private var buses: [DiskController: [Int]] = [:]

    mutating func next(_ controller: DiskController) -> (bus: Int, unit: Int)? {
      let count = counts[controller, default: 0]
      let (place, unit) = count.quotientAndRemainder(dividingBy: controller.units.count)
      if place == buses[controller, default: []].count {
        let sharing = controller.isSCSI ? buses.filter(\.key.isSCSI).values.map(\.count).reduce(0, +) : place
        guard sharing < controller.most else { return nil }
        buses[controller, default: []].append(sharing)
      }
      counts[controller] = count + 1
      guard let bus = buses[controller]?[place] else { return nil }
      return (bus, controller.units[unit])
    }
  }
}
