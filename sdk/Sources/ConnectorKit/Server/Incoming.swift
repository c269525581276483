import ConnectorProtocol
import Foundation

/// A message from the host, read only as far as the reader thread needs: parameters are decoded where they are used.
enum Incoming {
  case request(Call)
  case notification(method: String, line: Data)

  /// A request, its line kept for the decoding of its parameters.
  struct Call {
    var id: RequestID
    var method: String
    var meta: RequestMeta?
    var line: Data

    /// The parameters as `type`; throws `invalidParams` with pointers into them.
    func parameters<T: Decodable>(_ type: T.Type) throws(ConnectorError) -> T {
      do {
        return try Incoming.parameters(type, of: line)
      } catch {
        throw Incoming.invalidParams(method, error)
      }
    }
  }

  /// What is wrong with a line, and the id to answer it with.
  struct Fault: Error {
    var id: RequestID?
    var error: ConnectorError
  }

  static func read(_ line: Data) throws(Fault) -> Incoming {
    // JSON text is UTF-8 without a mark; the decoder would accept other encodings and a mark.
    guard !line.starts(with: [0xEF, 0xBB, 0xBF]), !line.contains(0), String(validating: line, as: UTF8.self) != nil
    else { throw Fault(error: parseError("it is not UTF-8 without a byte order mark")) }
    let head: Head
    do {
      head = try JSONDecoder().decode(Head.self, from: line)
    } catch DecodingError.dataCorrupted(let context) {
      throw Fault(error: parseError(context.debugDescription))
    } catch {
      throw Fault(error: invalidRequest("it is not an object with `jsonrpc`, `id` and `method`"))
    }
    guard head.jsonrpc == "2.0", let method = head.method else {
      throw Fault(id: head.id, error: invalidRequest("`jsonrpc` is not \"2.0\", or `method` is missing"))
    }
    guard let id = head.id else { return .notification(method: method, line: line) }
    switch head.meta {
    case .success(let meta): return .request(Call(id: id, method: method, meta: meta, line: line))
    case .failure(let error): throw Fault(id: id, error: invalidParams(method, error))
    }
  }

  static func parameters<T: Decodable>(_ type: T.Type, of line: Data) throws -> T {
    try JSONDecoder().decode(Body<T>.self, from: line).params
  }

  static func invalidParams(_ method: String, _ error: any Error) -> ConnectorError {
    let (pointer, why) = DecodingFault.describe(error)
    return ConnectorError(
      .invalidParams, "The parameters of \(method) are not valid at \(pointer.isEmpty ? "the root" : pointer): \(why)",
      remedy: "Send parameters as the protocol's schema has them.", outcome: .none,
      diagnostics: [Diagnostic(severity: .blocker, code: "params.invalid", summary: why, at: pointer)])
  }

  private static func parseError(_ why: String) -> ConnectorError {
    ConnectorError(.parseError, "A line is not JSON: \(why).", outcome: .none)
  }

  private static func invalidRequest(_ why: String) -> ConnectorError {
    ConnectorError(.invalidRequest, "A line is not a request: \(why).", outcome: .none)
  }
}

private struct Body<Parameters: Decodable>: Decodable {
  var params: Parameters

  private enum CodingKeys: String, CodingKey { case params }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    // Parameters may be left out where all of them are optional.
    guard container.contains(.params) else {
      params = try JSONDecoder().decode(Parameters.self, from: Data("{}".utf8))
      return
    }
    params = try container.decode(Parameters.self, forKey: .params)
  }
}

private struct Head: Decodable {
  var jsonrpc: String?
  var id: RequestID?
  var method: String?
  var meta: Result<RequestMeta?, any Error>

  private enum CodingKeys: String, CodingKey { case jsonrpc, id, method, params }
  private enum ParamsKeys: String, CodingKey { case meta = "_meta" }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    jsonrpc = try container.decodeIfPresent(String.self, forKey: .jsonrpc)
    id = try container.decodeIfPresent(RequestID.self, forKey: .id)
    method = try container.decodeIfPresent(String.self, forKey: .method)
    meta = Result {
      guard container.contains(.params) else { return nil }
      let params = try container.nestedContainer(keyedBy: ParamsKeys.self, forKey: .params)
      return try params.decodeIfPresent(RequestMeta.self, forKey: .meta)
    }
  }
}
