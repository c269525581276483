import AWSClient
import Foundation

/// The EC2 API, by its wire names.
struct EC2: Sendable {
  static let version = "2016-11-15"

  var api: any AWSAPI

  @discardableResult
  func call(_ action: String, _ parameters: [(String, String)] = []) async throws -> XMLElement {
    try await api.query("ec2", action, version: Self.version, parameters, retry: .standard)
  }

  /// The time by the services' clock: what they say of when something was made is told by it, and not by this computer's.
  var now: Date { Date() + Double((api.clockOffset ?? .zero).components.seconds) }

  /// `2026-01-02T03:04:05Z`, with a fraction of the second or without.
  static func date(_ text: String) -> Date? {
    (try? Date(text, strategy: .iso8601))
      ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
  }

  /// What a client token has given, once it is described; nil where it is gone. What was just made may not be described
  /// yet, for two minutes; a token that was spent before gives what it was spent on, though that was removed since.
  func described<T>(since made: Date?, _ look: () async throws -> T?) async throws -> T? {
    let settled = (made ?? now) + Self.settling
    while true {
      if let there = try await look() { return there }
      guard now < settled else { return nil }
      try await Task.sleep(for: .seconds(1))
    }
  }

  /// All items of a listing, page by page. A server that goes on for ever ends at `most`.
  func all(
    _ action: String, in set: String, _ parameters: [(String, String)] = [], pageSize: Int? = nil, most: Int = 100_000
  ) async throws -> [XMLElement] {
    var items: [XMLElement] = []
    var token: String?
    repeat {
      var page = parameters
      if let pageSize { page.append(("MaxResults", String(pageSize))) }
      if let token { page.append(("NextToken", token)) }
      let answer = try await call(action, page)
      items += answer.items(set)
      let next = answer.string("nextToken")
      guard next != token else { break }
      token = next
    } while token != nil && items.count < most
    return items
  }

  /// `Filter.N` of these names and values.
  static func filters(_ filters: [(String, [String])]) -> [(String, String)] {
    filters.enumerated().flatMap { index, filter in
      [("Filter.\(index + 1).Name", filter.0)]
        + filter.1.enumerated().map { ("Filter.\(index + 1).Value.\($0 + 1)", $1) }
    }
  }

  /// `TagSpecification.N` for resources of one type each.
  static func tags(_ types: [String], _ tags: [(String, String)]) -> [(String, String)] {
    types.enumerated().flatMap { index, type in
      [("TagSpecification.\(index + 1).ResourceType", type)]
        + tags.enumerated().flatMap { number, tag in
          [
            ("TagSpecification.\(index + 1).Tag.\(number + 1).Key", tag.0),
            ("TagSpecification.\(index + 1).Tag.\(number + 1).Value", tag.1),
          ]
        }
    }
  }

  func setTags(_ tags: [(String, String)], on ids: [String]) async throws {
    guard !tags.isEmpty, !ids.isEmpty else { return }
    try await call(
      "CreateTags",
      ids.enumerated().map { ("ResourceId.\($0 + 1)", $1) }
        + tags.enumerated().flatMap { [("Tag.\($0 + 1).Key", $1.0), ("Tag.\($0 + 1).Value", $1.1)] })
  }

  func removeTags(_ names: [String], from ids: [String]) async throws {
    guard !names.isEmpty, !ids.isEmpty else { return }
    try await call(
      "DeleteTags",
      ids.enumerated().map { ("ResourceId.\($0 + 1)", $1) }
        + names.enumerated().map { ("Tag.\($0 + 1).Key", $1) })
  }

  /// The tags of a described resource.
  static func tags(of element: XMLElement) -> [String: String] {
    Dictionary(
      element.items("tagSet").compactMap { tag in tag["key"].map { ($0.text, tag["value"]?.text ?? "") } },
      uniquingKeysWith: { _, last in last })
  }

  /// Asks again while `state` gives nil, for at most so many minutes; the waits grow from a second to 15.
  func wait<T>(
    minutes: Int, _ what: String, state: () async throws -> (done: T?, state: String)
  ) async throws -> T {
    let deadline = ContinuousClock.now + .seconds(60 * minutes)
    var pause = Duration.milliseconds(Self.firstPause)
    while true {
      let (done, word) = try await state()
      if let done { return done }
      guard ContinuousClock.now < deadline else { throw Failure.waitedTooLong(what, word, minutes: minutes) }
      try await Task.sleep(for: pause)
      pause = min(pause * 2, .seconds(15))
    }
  }

  private static let firstPause = 250
  /// Seconds in which everything that was made is described.
  private static let settling = 130.0
}

extension AWSError {
  /// What was named is not there, in EC2's words.
  var isNotFound: Bool {
    code.hasSuffix(".NotFound") || code == "ResourceNotFoundException" || code == "InvalidAMIID.Unavailable"
  }
}
