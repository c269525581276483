public import ConnectorProtocol

/// The platform's first choice of hardware, where the machine gets emulated hardware although its guest gets the drivers
/// of that too.
public struct Promotable: Codable, Hashable, Sendable {
  /// `CapabilityDocument.Controller.id`.
  public var controller: String?
  public var nicModel: String?

  public init(controller: String? = nil, nicModel: String? = nil) {
    self.controller = controller
    self.nicModel = nicModel
  }

  /// Nil where there is nothing to move to.
  init?(_ remarks: HardwareRemarks) {
    self.init(controller: remarks.controller.promotable, nicModel: remarks.nic.promotable)
    if controller == nil, nicModel == nil { return nil }
  }

  /// `virtio-blk, virtio-net-pci`.
  public var text: String { [controller, nicModel].compactMap(\.self).joined(separator: ", ") }
}

extension MachineHardware {
  /// Each controller once, then the network interfaces: `sata, e1000e`.
  public var text: String {
    var controllers: [String] = []
    for name in self.controllers where !controllers.contains(name) { controllers.append(name) }
    return (controllers + [nicModel].compactMap(\.self)).joined(separator: ", ")
  }
}
