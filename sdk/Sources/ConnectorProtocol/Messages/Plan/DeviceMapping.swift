/// What the operator chose for one NIC; it wins over `Mapping.networks`.
public struct NICMapping: Codable, Hashable, Sendable {
  /// Target network.
  public var network: String?
  /// Static addresses in CIDR form, `10.0.0.5/24`; none given means whatever the guest has, or the network gives.
  public var addresses: [String]?
  /// True where the guest shall ask the network for its address instead of keeping its own.
  public var dhcp: Bool?
  public var gateway: String?
  public var nameServers: [String]?
  public var mac: String?
  /// What else the platform knows of a NIC: security groups, a public address …
  public var options: [String: JSONValue]?

  public init(
    network: String? = nil, addresses: [String]? = nil, gateway: String? = nil, nameServers: [String]? = nil,
    mac: String? = nil, options: [String: JSONValue]? = nil, dhcp: Bool? = nil
  ) {
    self.network = network
    self.addresses = addresses
    self.dhcp = dhcp
    self.gateway = gateway
    self.nameServers = nameServers
    self.mac = mac
    self.options = options
  }
}

/// What the operator chose for one disk; it wins over `Mapping.storage`.
public struct DiskMapping: Codable, Hashable, Sendable {
  /// Target storage.
  public var storage: String?
  /// The platform's word for the kind of disk: `gp3`, `Premium_LRS`, `thin`.
  public var type: String?
  public var tags: [String: String]?
  /// What else the platform knows of a disk: IOPS, an encryption key's name …
  public var options: [String: JSONValue]?

  public init(
    storage: String? = nil, type: String? = nil, tags: [String: String]? = nil, options: [String: JSONValue]? = nil
  ) {
    self.storage = storage
    self.type = type
    self.tags = tags
    self.options = options
  }
}
