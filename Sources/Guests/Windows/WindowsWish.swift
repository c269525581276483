/// What the operator and the mapping ask of a Windows guest beside what the platform needs.
public struct WindowsWish: Sendable {
  public var drivers: DriverIndex
  public var addresses: [AddressWish]

  public init(drivers: DriverIndex = .empty, addresses: [AddressWish] = []) {
    self.drivers = drivers
    self.addresses = addresses
  }
}
