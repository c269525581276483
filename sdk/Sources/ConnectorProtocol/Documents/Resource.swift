/// Something that exists on the platform because a job made it: a line of the ledger.
///
/// Schema: `protocol/v1/schema/resource.schema.json`.
public struct Resource: Codable, Hashable, Sendable {
  /// The platform's word for it: `machine`, `disk`, `snapshot`, `process`.
  public var kind: String
  /// The name it is given, known before it exists.
  public var name: String
  /// The platform's identifier, known once it exists.
  public var remoteID: String?
  /// The kind and name of the resource it lies in.
  public var parent: String?
  /// Names of resources that must outlive it: it is deleted before them.
  public var dependsOn: [String]
  /// True for what is needed only during the restore: `job/commit` removes it.
  public var temporary: Bool
  public var costBearing: Bool
  /// What the connector needs to delete it again, besides the above; never a secret.
  public var details: [String: String]

  public init(
    kind: String, name: String, remoteID: String? = nil, parent: String? = nil, dependsOn: [String] = [],
    temporary: Bool = false, costBearing: Bool = false, details: [String: String] = [:]
  ) {
    self.kind = kind
    self.name = name
    self.remoteID = remoteID
    self.parent = parent
    self.dependsOn = dependsOn
    self.temporary = temporary
    self.costBearing = costBearing
    self.details = details
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    kind = try container.decode(String.self, forKey: .kind)
    name = try container.decode(String.self, forKey: .name)
    remoteID = try container.decodeIfPresent(String.self, forKey: .remoteID)
    parent = try container.decodeIfPresent(String.self, forKey: .parent)
    dependsOn = try container.decodeIfPresent([String].self, forKey: .dependsOn) ?? []
    temporary = try container.decodeIfPresent(Bool.self, forKey: .temporary) ?? false
    costBearing = try container.decodeIfPresent(Bool.self, forKey: .costBearing) ?? false
    details = try container.decodeIfPresent([String: String].self, forKey: .details) ?? [:]
  }
}
