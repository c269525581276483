public import ConnectorProtocol

/// The disk controllers of a platform, as an enum whose raw values are the ids of its capability document.
public protocol ControllerKind: RawRepresentable<String>, CaseIterable {
  /// What a machine can start with that has its disks on it.
  var firmware: [FirmwareType] { get }
}

/// The models of network interfaces of a platform, as an enum whose raw values are those of its capability document.
public protocol NICModelKind: RawRepresentable<String>, CaseIterable {
  /// How many a machine can have.
  static var maxCount: Int { get }
}

extension Findings {
  /// The controller that the host has chosen for the disk of that index; nil, and a blocker, where there is none such
  /// here or it does not go with the firmware.
  public mutating func controller<Kind: ControllerKind>(ofDisk index: Int, _ hardware: Hardware) -> Kind? {
    let name = hardware.controllers.indices.contains(index) ? hardware.controllers[index] : nil
    let at = "/hardware/controllers/\(index)"
    guard let name, let controller = Kind(rawValue: name) else {
      block(
        "controller.unknown", name.map { "There is no controller '\($0)' here." } ?? "A disk has no controller.",
        at: at, action: "Choose one of \(Kind.names).")
      return nil
    }
    guard controller.firmware.contains(hardware.firmware) else {
      block(
        "controller.firmware", "\(name) does not go with \(hardware.firmware) firmware.", at: at,
        action: "Choose another controller, or BIOS.")
      return nil
    }
    return controller
  }

  /// The model of all network interfaces that the host has chosen, or `standard` where it has not; nil, and a blocker,
  /// where there is none such here. More interfaces than a machine can have are a blocker too.
  public mutating func nicModel<Kind: NICModelKind>(_ request: PlanPreflight, otherwise standard: Kind) -> Kind? {
    guard let model: Kind = nicModel(named: request.hardware.nicModel ?? standard.rawValue) else { return nil }
    checkNICs(request.machine.nics.count, most: Kind.maxCount)
    return model
  }

  /// The model of network interface of this name; nil, and a blocker, where there is none such here.
  public mutating func nicModel<Kind: NICModelKind>(named name: String) -> Kind? {
    if let model = Kind(rawValue: name) { return model }
    block(
      "nic.unknown", "There is no network interface '\(name)' here.", at: "/hardware/nicModel",
      action: "Choose one of \(Kind.names).")
    return nil
  }

  /// - Returns: False, and a blocker, where the machine has more network interfaces than are possible.
  @discardableResult
  public mutating func checkNICs(_ count: Int, most: Int) -> Bool {
    guard count > most else { return true }
    block(
      "nic.many", "The machine has \(count) network interfaces; \(most) are possible.", at: "/machine/nics")
    return false
  }

  /// - Returns: False, and a blocker, where the disks' indices do not tell one from the other.
  public mutating func checkIndices(of disks: [PlanPreflight.PlannedDisk]) -> Bool {
    let indices = disks.map(\.index)
    guard Set(indices).count != indices.count || indices.contains(where: { $0 < 0 }) else { return true }
    block("disk.index", "Disk indices repeat or are negative.", at: "/disks")
    return false
  }

  /// - Returns: False, and a blocker, where the disk cannot come in the form that the host has chosen.
  public mutating func checkForm(
    of disk: PlanPreflight.PlannedDisk, at: String, in forms: [CapabilityDocument.DiskForm]
  ) -> Bool {
    let isKnown = forms.contains {
      $0.format == disk.format && $0.access.contains(disk.access) && $0.subformat == disk.subformat
    }
    guard !isKnown else { return true }
    block(
      "disk.form", "Disk \(disk.index) cannot come as \(disk.format) by \(disk.access).", at: at,
      action: "Use one of the forms of the capability document.")
    return false
  }
}
