# frozen_string_literal: true

module Tides
  # The water's heights of a day, each with its hour.
  class Table
    def initialize(heights_m)
      @heights_m = heights_m
    end

    def highest
      @heights_m.max_by { |_, height_m| height_m }.first
    end

    def rising?(hour)
      @heights_m.fetch(hour + 1) > @heights_m.fetch(hour)
    end
  end
end
