/// One JSON-RPC 2.0 message, one line: a request, a notification, or a response.
public struct Envelope: Codable, Hashable, Sendable {
  public var jsonrpc: String
  public var id: RequestID?
  public var method: String?
  public var params: JSONValue?
  public var result: JSONValue?
  public var error: ConnectorError?

  public enum Kind: Equatable, Sendable {
    case request, notification, response, invalid
  }

  public var kind: Kind {
    guard jsonrpc == "2.0" else { return .invalid }
    if method != nil {
      guard result == nil, error == nil else { return .invalid }
      return id == nil ? .notification : .request
    }
    return (result != nil) != (error != nil) ? .response : .invalid
  }

  public init(id: RequestID, method: String, params: JSONValue) {
    jsonrpc = "2.0"
    self.id = id
    self.method = method
    self.params = params
  }

  public init(method: String, params: JSONValue) {
    jsonrpc = "2.0"
    self.method = method
    self.params = params
  }

  public init(id: RequestID, result: JSONValue) {
    jsonrpc = "2.0"
    self.id = id
    self.result = result
  }

  /// `id` is nil, and written as null, where the request could not be read far enough to know it.
  public init(id: RequestID?, error: ConnectorError) {
    jsonrpc = "2.0"
    self.id = id
    self.error = error
  }

  private enum CodingKeys: String, CodingKey { case jsonrpc, id, method, params, result, error }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    jsonrpc = try container.decode(String.self, forKey: .jsonrpc)
    id = try container.decodeIfPresent(RequestID.self, forKey: .id)
    method = try container.decodeIfPresent(String.self, forKey: .method)
    params = try container.decodeIfPresent(JSONValue.self, forKey: .params)
    // A result of null is a result: `decodeIfPresent` would lose it.
    result = container.contains(.result) ? try container.decode(JSONValue.self, forKey: .result) : nil
    error = try container.decodeIfPresent(ConnectorError.self, forKey: .error)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(jsonrpc, forKey: .jsonrpc)
    if error != nil, id == nil {
      try container.encodeNil(forKey: .id)
    } else {
      try container.encodeIfPresent(id, forKey: .id)
    }
    try container.encodeIfPresent(method, forKey: .method)
    try container.encodeIfPresent(params, forKey: .params)
    try container.encodeIfPresent(result, forKey: .result)
    try container.encodeIfPresent(error, forKey: .error)
  }
}

/// The id of a request: a whole number or text (JSON-RPC 2.0 allows both).
public enum RequestID: Codable, Hashable, Sendable, CustomStringConvertible {
  case number(Int64)
  case string(String)

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Int64.self) {
      self = .number(value)
    } else {
      self = .string(try container.decode(String.self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    }
  }

  public var description: String {
    switch self {
    case .number(let value): String(value)
    case .string(let value): value
    }
  }
}
