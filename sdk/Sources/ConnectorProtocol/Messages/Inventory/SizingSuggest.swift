/// `sizing/suggest`: the platform's machine sizes that fit, best first.
public struct SizingSuggest: ConnectorRequest {
  public static let method = "sizing/suggest"
  public static let isMandatory = false

  public var machine: MachineDescription

  public init(machine: MachineDescription) {
    self.machine = machine
  }

  public struct Result: Codable, Hashable, Sendable {
    public var suggestions: [Suggestion]

    public init(suggestions: [Suggestion]) {
      self.suggestions = suggestions
    }
  }

  public struct Suggestion: Codable, Hashable, Sendable {
    public var instanceType: String
    public var fits: Bool
    public var reason: String

    public init(instanceType: String, fits: Bool, reason: String) {
      self.instanceType = instanceType
      self.fits = fits
      self.reason = reason
    }
  }
}
