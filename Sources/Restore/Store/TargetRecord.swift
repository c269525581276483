public import ConnectorProtocol
public import Foundation
import GRDB

/// A place to restore to: a platform's connector and its configuration, without secrets.
public struct TargetRecord: StoredRecord {
  public static let databaseTableName = "targets"

  public var id: String
  public var name: String
  public var platform: String
  public var config: JSONValue
  /// The configuration members that are secret; their values lie in the secrets file, never here.
  public var secretNames: [String]
  public var createdAt: Date

  public init(
    id: String, name: String, platform: String, config: JSONValue, secretNames: [String], createdAt: Date
  ) {
    self.id = id
    self.name = name
    self.platform = platform
    self.config = config
    self.secretNames = secretNames
    self.createdAt = createdAt
  }

  enum CodingKeys: String, CodingKey {
    case id, name, platform, config
    case secretNames = "secret_names"
    case createdAt = "created_at"
  }
}
