import ConnectorProtocol

/// Messages through their Swift types and back.
enum Messages {
  static func parametersAgain(_ method: String, _ params: JSONValue?) throws -> JSONValue? {
    guard let params else { return nil }
    if let request = MessageRegistry.requests.first(where: { $0.method == method }) {
      return try again(params, request)
    }
    if let notification = MessageRegistry.notifications.first(where: { $0.method == method }) {
      return try again(params, notification)
    }
    return params
  }

  static func resultAgain(_ method: String, _ result: JSONValue?) throws -> JSONValue? {
    guard let result, let request = MessageRegistry.requests.first(where: { $0.method == method }) else {
      return result
    }
    return try self.result(result, request)
  }

  private static func result<R: ConnectorRequest>(_ value: JSONValue, _: R.Type) throws -> JSONValue {
    try again(value, R.Result.self)
  }

  private static func again<T: Codable>(_ value: JSONValue, _: T.Type) throws -> JSONValue {
    try JSONValue.encoding(value.decode(T.self))
  }
}
