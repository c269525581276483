/// `inventory/list`: what there is to map onto, one kind at a time, in pages.
public struct InventoryList: ConnectorRequest {
  public static let method = "inventory/list"

  public var kind: String
  public var parent: String?
  public var filter: String?
  public var pageToken: String?
  public var pageSize: Int?

  public init(
    kind: String, parent: String? = nil, filter: String? = nil, pageToken: String? = nil, pageSize: Int? = nil
  ) {
    self.kind = kind
    self.parent = parent
    self.filter = filter
    self.pageToken = pageToken
    self.pageSize = pageSize
  }

  public struct Result: Codable, Hashable, Sendable {
    public var items: [Item]
    public var nextPageToken: String?
    /// RFC 3339.
    public var asOf: String

    public init(items: [Item], nextPageToken: String? = nil, asOf: String) {
      self.items = items
      self.nextPageToken = nextPageToken
      self.asOf = asOf
    }
  }

  public struct Item: Codable, Hashable, Sendable {
    public var id: String
    public var name: String
    public var path: String?
    public var attributes: [String: JSONValue]
    /// False where it exists but cannot be chosen; `why` says why.
    public var eligible: Bool
    public var why: String?

    public init(
      id: String, name: String, path: String? = nil, attributes: [String: JSONValue] = [:], eligible: Bool = true,
      why: String? = nil
    ) {
      self.id = id
      self.name = name
      self.path = path
      self.attributes = attributes
      self.eligible = eligible
      self.why = why
    }
  }
}
