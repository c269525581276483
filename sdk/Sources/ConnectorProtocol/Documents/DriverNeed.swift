/// What must exist in a guest before its first boot on a platform: a need, not a recipe. The host knows the recipe.
///
/// `need` holds driver names of the guest's own world: kernel modules for Linux (`virtio_blk`), services for Windows
/// (`viostor`). `initramfs` says that they must be there before the root disk is mounted.
public struct DriverNeed: Codable, Hashable, Sendable {
  public var when: Condition
  public var need: [String]
  public var initramfs: Bool
  /// The controllers (`CapabilityDocument.Controller.id`) that this need serves; none given means all.
  public var controllers: [String]?
  /// The NIC models (`CapabilityDocument.NICModel.model`) that this need serves; none given means all.
  public var nics: [String]?
  /// Settings of the guest beside drivers: `remote-desktop`, `clock-utc`, `disks-online`, `dhcp`, `serial-console`.
  /// A host passes over those that it does not know, and says so.
  public var settings: [String]?
  /// Installers of the platform's agent, by the names under which its vendor ships them, `{arch}` standing for the
  /// guest's architecture and `{64}` for `64` or nothing: `qemu-ga-{arch}.msi`. Installed where the operator has supplied
  /// them.
  public var installers: [String]?

  public init(
    when: Condition, need: [String], initramfs: Bool = false, controllers: [String]? = nil, nics: [String]? = nil,
    settings: [String]? = nil, installers: [String]? = nil
  ) {
    self.when = when
    self.need = need
    self.initramfs = initramfs
    self.controllers = controllers
    self.nics = nics
    self.settings = settings
    self.installers = installers
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    when = try container.decode(Condition.self, forKey: .when)
    need = try container.decode([String].self, forKey: .need)
    initramfs = try container.decodeIfPresent(Bool.self, forKey: .initramfs) ?? false
    controllers = try container.decodeIfPresent([String].self, forKey: .controllers)
    nics = try container.decodeIfPresent([String].self, forKey: .nics)
    settings = try container.decodeIfPresent([String].self, forKey: .settings)
    installers = try container.decodeIfPresent([String].self, forKey: .installers)
  }

  /// Which guests the need is for: the family, and a range of its versions where given (`6.1` ≤ version < `10.0`).
  public struct Condition: Codable, Hashable, Sendable {
    public var family: String
    public var min: String?
    public var below: String?

    public init(family: String, min: String? = nil, below: String? = nil) {
      self.family = family
      self.min = min
      self.below = below
    }
  }
}
