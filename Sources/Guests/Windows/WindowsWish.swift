/// What the operator and the mapping ask of a Windows guest beside what the platform needs.
public struct WindowsWish: Sendable {
  public var drivers: DriverIndex
  public var addresses: [AddressWish]
  /// Every driver that the platform's document names, for whatever hardware: software of a guest that has one of them
  /// belongs there.
  public var platformDrivers: [String]

  public init(drivers: DriverIndex = .empty, addresses: [AddressWish] = [], platformDrivers: [String] = []) {
    self.drivers = drivers
    self.addresses = addresses
    self.platformDrivers = platformDrivers
  }
}
