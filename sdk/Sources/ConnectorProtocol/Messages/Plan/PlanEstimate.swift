/// `plan/estimate`: what carrying out the plan, and keeping the machine, costs in money and time.
public struct PlanEstimate: ConnectorRequest {
  public static let method = "plan/estimate"
  public static let isMandatory = false

  public var plan: PlanPreflight.Plan

  public init(plan: PlanPreflight.Plan) {
    self.plan = plan
  }

  public struct Result: Codable, Hashable, Sendable {
    /// ISO 4217.
    public var currency: String?
    public var items: [Item]
    public var seconds: Range?
    /// `low`, `medium`, `high`.
    public var confidence: String

    public init(currency: String? = nil, items: [Item] = [], seconds: Range? = nil, confidence: String) {
      self.currency = currency
      self.items = items
      self.seconds = seconds
      self.confidence = confidence
    }
  }

  public struct Item: Codable, Hashable, Sendable {
    public var what: String
    /// `hour`, `month`, `once`.
    public var unit: String
    public var amount: Double

    public init(what: String, unit: String, amount: Double) {
      self.what = what
      self.unit = unit
      self.amount = amount
    }
  }

  public struct Range: Codable, Hashable, Sendable {
    public var low: Double
    public var high: Double

    public init(low: Double, high: Double) {
      self.low = low
      self.high = high
    }
  }
}
