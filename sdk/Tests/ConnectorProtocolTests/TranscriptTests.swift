import ConnectorProtocol
import Foundation
import Testing

/// The golden transcripts are the protocol by example: the Swift types read each message and write the same bytes.
@Suite struct TranscriptTests {
  static let transcripts = (try? ProtocolFiles.list("v1/transcripts", ".jsonl")) ?? []

  @Test func thereAreTranscripts() {
    #expect(Self.transcripts.count >= 7)
  }

  @Test(arguments: transcripts) func messagesSurviveTheSwiftTypes(_ path: String) throws {
    let text = String(decoding: try ProtocolFiles.data(path), as: UTF8.self)
    var asked: [RequestID: String] = [:]
    for line in text.split(separator: "\n") where line.hasPrefix("> ") || line.hasPrefix("< ") {
      let message = line.dropFirst(2)
      var envelope = try JSONDecoder().decode(Envelope.self, from: Data(message.utf8))
      #expect(envelope.kind != .invalid)
      if let method = envelope.method {
        if let id = envelope.id { asked[id] = method }
        envelope.params = try Messages.parametersAgain(method, envelope.params)
      } else if let id = envelope.id, let method = asked[id] {
        envelope.result = try Messages.resultAgain(method, envelope.result)
      }
      #expect(String(decoding: try CanonicalJSON.encode(envelope), as: UTF8.self) == message)
    }
    #expect(!asked.isEmpty)
  }

  @Test(arguments: transcripts) func digestsAreThoseOfTheParameters(_ path: String) throws {
    let text = String(decoding: try ProtocolFiles.data(path), as: UTF8.self)
    for line in text.split(separator: "\n") where line.hasPrefix("> ") {
      let envelope = try JSONDecoder().decode(Envelope.self, from: Data(line.dropFirst(2).utf8))
      guard let params = envelope.params, let op = params["op"] else { continue }
      #expect(op["digest"]?.stringValue == (try OperationDigest.compute(params: params)))
    }
  }

  /// What a newer peer adds is passed over, in every message.
  @Test(arguments: transcripts) func unknownMembersAreTolerated(_ path: String) throws {
    let text = String(decoding: try ProtocolFiles.data(path), as: UTF8.self)
    var asked: [RequestID: String] = [:]
    for line in text.split(separator: "\n") where line.hasPrefix("> ") || line.hasPrefix("< ") {
      let value = try JSONDecoder().decode(JSONValue.self, from: Data(line.dropFirst(2).utf8))
      let plain = try value.decode(Envelope.self)
      let envelope = try Self.widened(value).decode(Envelope.self)
      #expect(envelope.kind == plain.kind)
      if let method = envelope.method {
        if let id = envelope.id { asked[id] = method }
        #expect(
          try Messages.parametersAgain(method, Self.widened(plain.params))
            == Messages.parametersAgain(method, envelope.params))
      } else if let id = envelope.id, let method = asked[id] {
        _ = try Messages.resultAgain(method, envelope.result)
      }
    }
  }

  /// The value with one more member in each object that is a structure: one that has a member which is no text.
  private static func widened(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(var members):
      let isMap = members.values.allSatisfy { $0.stringValue != nil }
      members = members.mapValues { widened($0) }
      if !isMap, members["0"] == nil { members["xSomethingNew"] = ["deep": [1]] }
      return .object(members)
    case .array(let items): return .array(items.map { widened($0) })
    default: return value
    }
  }

  private static func widened(_ value: JSONValue?) -> JSONValue? { value.map { widened($0) } }
}
