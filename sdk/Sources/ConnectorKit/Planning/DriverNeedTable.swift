public import ConnectorProtocol

/// The `drivers` of a capability document, written as a table:
///
///     enum DriverNeeds: DriverNeedTable {
///       typealias Controller = DiskController
///       typealias NIC = NICKind
///       static let all = [boot("linux", ["nvme"], .nvme), network("linux", ["virtio_net"], .virtio)]
///     }
public protocol DriverNeedTable {
  associatedtype Controller: ControllerKind
  associatedtype NIC: NICModelKind
}

extension DriverNeedTable {
  /// What a guest needs to find its root disk on a controller.
  ///
  /// - Parameters:
  ///   - family: `linux`, `windows`.
  ///   - min: The first version that it is for; none given means all.
  ///   - below: The first version that it is not for any more.
  public static func boot(
    _ family: String, _ need: [String], _ controller: Controller, min: String? = nil, below: String? = nil
  ) -> DriverNeed {
    DriverNeed(
      when: DriverNeed.Condition(family: family, min: min, below: below), need: need, initramfs: true,
      controllers: [controller.rawValue])
  }

  /// What a guest needs for a model of network interface.
  public static func network(
    _ family: String, _ need: [String], _ nic: NIC, min: String? = nil, below: String? = nil
  ) -> DriverNeed {
    DriverNeed(when: DriverNeed.Condition(family: family, min: min, below: below), need: need, nics: [nic.rawValue])
  }
}
